"""Who agreed to texts, by which words, when and how; and who took it back."""
