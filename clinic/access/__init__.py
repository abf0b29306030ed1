"""The ground: who acts, in which role, and who may see what. Imports no other room."""
