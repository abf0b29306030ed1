"""Specialisations and languages by the slug or code that URLs and rows carry."""

SPECIALISATIONS = {
    "cardiology": "Cardiology",
    "dermatology": "Dermatology",
    "ear-nose-throat": "Ear, nose and throat",
    "endocrinology": "Endocrinology",
    "gastroenterology": "Gastroenterology",
    "general-practice": "General practice",
    "geriatrics": "Geriatrics",
    "gynaecology": "Gynaecology",
    "neurology": "Neurology",
    "oncology": "Oncology",
    "ophthalmology": "Ophthalmology",
    "orthopaedics": "Orthopaedics",
    "paediatrics": "Paediatrics",
    "physiotherapy": "Physiotherapy",
    "psychiatry": "Psychiatry",
    "pulmonology": "Pulmonology",
    "urology": "Urology",
}

LANGUAGES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "gu": "Gujarati",
    "hi": "Hindi",
    "it": "Italian",
    "mr": "Marathi",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ta": "Tamil",
    "te": "Telugu",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}


def titles(slugs: list[str]) -> str:
    """`Cardiology, Neurology`, for people."""
    return ", ".join(SPECIALISATIONS.get(slug, slug) for slug in slugs)


def language_names(codes: list[str]) -> str:
    return ", ".join(LANGUAGES.get(code, code) for code in codes)
