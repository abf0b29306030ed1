"""Specialisations by the slug that URLs and rows carry."""

import re

SPECIALISATIONS = {
    "allergy": "Allergy and immunology",
    "anaesthesia": "Anaesthesia",
    "audiology": "Audiology",
    "cardiology": "Cardiology",
    "clinical-genetics": "Clinical genetics",
    "dentistry": "Dentistry",
    "dermatology": "Dermatology",
    "dietetics": "Diet and nutrition",
    "ear-nose-throat": "Ear, nose and throat",
    "emergency-medicine": "Emergency medicine",
    "endocrinology": "Endocrinology",
    "fertility": "Fertility",
    "gastroenterology": "Gastroenterology",
    "general-practice": "General practice",
    "general-surgery": "General surgery",
    "geriatrics": "Geriatrics",
    "gynaecology": "Gynaecology",
    "haematology": "Haematology",
    "infectious-diseases": "Infectious diseases",
    "internal-medicine": "Internal medicine",
    "maxillofacial-surgery": "Maxillofacial surgery",
    "midwifery": "Midwifery",
    "nephrology": "Nephrology",
    "neurology": "Neurology",
    "neurosurgery": "Neurosurgery",
    "obstetrics": "Obstetrics",
    "occupational-health": "Occupational health",
    "oncology": "Oncology",
    "ophthalmology": "Ophthalmology",
    "orthopaedics": "Orthopaedics",
    "paediatrics": "Paediatrics",
    "pain-medicine": "Pain medicine",
    "palliative-care": "Palliative care",
    "pathology": "Pathology",
    "physiotherapy": "Physiotherapy",
    "plastic-surgery": "Plastic surgery",
    "podiatry": "Podiatry",
    "psychiatry": "Psychiatry",
    "psychology": "Psychology",
    "pulmonology": "Pulmonology",
    "radiology": "Radiology",
    "rehabilitation": "Rehabilitation",
    "rheumatology": "Rheumatology",
    "sexual-health": "Sexual health",
    "speech-therapy": "Speech therapy",
    "sports-medicine": "Sports medicine",
    "urology": "Urology",
    "vascular-surgery": "Vascular surgery",
}

# What else people call them, American spelling among it; written as slugs.
_ALSO = {
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


def titles(slugs: list[str]) -> str:
    """`Cardiology, Neurology`, for people."""
    return ", ".join(SPECIALISATIONS.get(slug, slug) for slug in slugs)


def _slug(text: str) -> str:
    """`Ear, nose & throat` and `EAR_NOSE_AND_THROAT` read alike."""
    return re.sub(r"[^\w]+|_+", "-", text.casefold().replace("&", " and ")).strip("-")


_BY_WORD = {_slug(title): slug for slug, title in SPECIALISATIONS.items()} | _ALSO


def specialisation(text: str) -> str | None:
    """The slug of a slug, a title or another usual word, in any case; None for an unknown one."""
    asked = _slug(text)
    return asked if asked in SPECIALISATIONS else _BY_WORD.get(asked)
