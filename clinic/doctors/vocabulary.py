"""Specialisations by the slug that URLs and rows carry."""

import re


def N_(words: str) -> str:  # noqa: N802 - what gettext calls it everywhere
    """Mark a title for the catalogue; `words.titles` translates it."""
    return words


SPECIALISATIONS = {
    "allergy": N_("Allergy and immunology"),
    "anaesthesia": N_("Anaesthesia"),
    "audiology": N_("Audiology"),
    "cardiology": N_("Cardiology"),
    "clinical-genetics": N_("Clinical genetics"),
    "dentistry": N_("Dentistry"),
    "dermatology": N_("Dermatology"),
    "dietetics": N_("Diet and nutrition"),
    "ear-nose-throat": N_("Ear, nose and throat"),
    "emergency-medicine": N_("Emergency medicine"),
    "endocrinology": N_("Endocrinology"),
    "fertility": N_("Fertility"),
    "gastroenterology": N_("Gastroenterology"),
    "general-practice": N_("General practice"),
    "general-surgery": N_("General surgery"),
    "geriatrics": N_("Geriatrics"),
    "gynaecology": N_("Gynaecology"),
    "haematology": N_("Haematology"),
    "infectious-diseases": N_("Infectious diseases"),
    "internal-medicine": N_("Internal medicine"),
    "maxillofacial-surgery": N_("Maxillofacial surgery"),
    "midwifery": N_("Midwifery"),
    "nephrology": N_("Nephrology"),
    "neurology": N_("Neurology"),
    "neurosurgery": N_("Neurosurgery"),
    "obstetrics": N_("Obstetrics"),
    "occupational-health": N_("Occupational health"),
    "oncology": N_("Oncology"),
    "ophthalmology": N_("Ophthalmology"),
    "orthopaedics": N_("Orthopaedics"),
    "paediatrics": N_("Paediatrics"),
    "pain-medicine": N_("Pain medicine"),
    "palliative-care": N_("Palliative care"),
    "pathology": N_("Pathology"),
    "physiotherapy": N_("Physiotherapy"),
    "plastic-surgery": N_("Plastic surgery"),
    "podiatry": N_("Podiatry"),
    "psychiatry": N_("Psychiatry"),
    "psychology": N_("Psychology"),
    "pulmonology": N_("Pulmonology"),
    "radiology": N_("Radiology"),
    "rehabilitation": N_("Rehabilitation"),
    "rheumatology": N_("Rheumatology"),
    "sexual-health": N_("Sexual health"),
    "speech-therapy": N_("Speech therapy"),
    "sports-medicine": N_("Sports medicine"),
    "urology": N_("Urology"),
    "vascular-surgery": N_("Vascular surgery"),
}

# What else people call them, American spelling among it; written as slugs.
ALSO = {
    "anaesthesiology": "anaesthesia",
    "anesthesia": "anaesthesia",
    "anesthesiology": "anaesthesia",
    "chest-medicine": "pulmonology",
    "chiropody": "podiatry",
    "dental": "dentistry",
    "dentist": "dentistry",
    "ent": "ear-nose-throat",
    "family-medicine": "general-practice",
    "family-practice": "general-practice",
    "gastro": "gastroenterology",
    "general": "general-practice",
    "general-medicine": "general-practice",
    "general-practitioner": "general-practice",
    "genetics": "clinical-genetics",
    "geriatric-medicine": "geriatrics",
    "gp": "general-practice",
    "gynecology": "gynaecology",
    "hematology": "haematology",
    "immunology": "allergy",
    "infectious-disease": "infectious-diseases",
    "mental-health": "psychiatry",
    "neurological-surgery": "neurosurgery",
    "nutrition": "dietetics",
    "ob-gyn": "gynaecology",
    "obgyn": "gynaecology",
    "obstetrics-and-gynaecology": "gynaecology",
    "obstetrics-and-gynecology": "gynaecology",
    "occupational-medicine": "occupational-health",
    "orthopaedic-surgery": "orthopaedics",
    "orthopedic-surgery": "orthopaedics",
    "orthopedics": "orthopaedics",
    "otolaryngology": "ear-nose-throat",
    "paediatric": "paediatrics",
    "pain-management": "pain-medicine",
    "palliative-medicine": "palliative-care",
    "pediatrics": "paediatrics",
    "physical-therapy": "physiotherapy",
    "primary-care": "general-practice",
    "rehabilitation-medicine": "rehabilitation",
    "respiratory-medicine": "pulmonology",
    "sport-medicine": "sports-medicine",
    "surgery": "general-surgery",
}


def _slug(text: str) -> str:
    """`Ear, nose & throat` and `EAR_NOSE_AND_THROAT` read alike."""
    return re.sub(r"[^\w]+|_+", "-", text.casefold().replace("&", " and ")).strip("-")


_BY_WORD = {_slug(title): slug for slug, title in SPECIALISATIONS.items()} | ALSO


def specialisation(text: str) -> str | None:
    """The slug of a slug, a title or another usual word, in any case; None for an unknown one."""
    asked = _slug(text)
    return asked if asked in SPECIALISATIONS else _BY_WORD.get(asked)
