"""Everyday words and complaints, by the specialty that sees people about them.

Source: put together by hand for this product. Which part of the body or complaint belongs to which
specialty follows the grouping by body location of MedlinePlus "Health Topics" (US National Library
of Medicine, public domain) and the department names of the NHS "Health A to Z"; no text is theirs.
It finds doctors, it diagnoses nothing: a word too many costs a line in a list.

Written in one spelling: British ones become it in `_plain`. Several words are one phrase.
"""

WORDS = {
    "allergy": "allergy, allergies, allergic, allergist, hay fever, immune system, immunologist",
    "anaesthesia": "anesthetic, anesthetist, anesthesiologist, sedation",
    "audiology": "hearing, hearing aid, hearing loss, deaf, deafness, tinnitus, ringing ears",
    "cardiology": """
        heart, heartbeat, heart disease, heart failure, palpitations, chest pain, angina, blood
        pressure, high blood pressure, hypertension, cholesterol, cardiac, murmur, ecg, ekg
    """,
    "clinical-genetics": "genes, genetic, inherited, geneticist",
    "dentistry": """
        tooth, teeth, toothache, dentist, dental, gums, gum, cavity, filling, braces, wisdom tooth,
        crown
    """,
    "dermatology": """
        skin, rash, acne, pimples, spots, eczema, psoriasis, mole, moles, itch, itching, itchy,
        hair, hair loss, nail, nails, wart, warts, hives, dermatitis, rosacea, skin doctor
    """,
    "dietetics": "diet, nutrition, nutritionist, dietician, dietitian, weight, overweight, obesity",
    "ear-nose-throat": """
        ear, ears, earache, nose, throat, sore throat, ent, sinus, sinusitis, tonsils, tonsillitis,
        snoring, nosebleed, hearing, hearing loss, hoarse, voice, vertigo, tinnitus,
        otolaryngologist
    """,
    "emergency-medicine": "emergency, accident, accidents, urgent, urgent care",
    "endocrinology": """
        diabetes, diabetic, sugar, blood sugar, thyroid, hormone, hormones, gland, glands, pcos
    """,
    "fertility": "fertility, infertility, ivf, trying for a baby, getting pregnant",
    "gastroenterology": """
        stomach, stomach ache, tummy, belly, bowel, bowels, gut, liver, digestion, indigestion,
        heartburn, reflux, acid reflux, ibs, diarrhea, constipation, bloating, nausea, celiac,
        colon, colonoscopy, endoscopy, gallbladder, pancreas, abdominal pain, gastric, crohn's,
        colitis, hepatitis
    """,
    "general-practice": """
        gp, general practitioner, general, family doctor, family medicine, family practice, primary
        care, cold, flu, fever, cough, checkup, check up, check-up, health check, tired, tiredness,
        fatigue, sick note, vaccination, vaccine, jab, travel vaccine, infection, headache, blood
        test, prescription, sore throat, physician, house doctor
    """,
    "general-surgery": """
        surgeon, surgery, operation, hernia, appendix, gallstones, lump, piles, hemorrhoids
    """,
    "geriatrics": "old age, elderly, older people, frailty, falls, dementia, geriatrician",
    "gynaecology": """
        women, woman, women's health, womens health, ladies doctor, period, periods, period pain,
        menstruation, menopause, smear, smear test, pap smear, cervical, womb, uterus, ovary,
        ovaries, ovarian, vagina, vaginal, contraception, endometriosis, pcos, ob gyn, obgyn,
        ob/gyn, obstetrics and gynecology, breast
    """,
    "haematology": "blood, anemia, blood clot, clotting, bleeding, leukemia, lymphoma, iron",
    "infectious-diseases": """
        infection, infections, infectious disease, malaria, tropical, hiv, tuberculosis
    """,
    "internal-medicine": "internist, internal, physician, adult medicine, general medicine",
    "maxillofacial-surgery": "jaw, face, wisdom tooth, oral surgery, oral surgeon",
    "midwifery": "midwife, pregnancy, pregnant, birth, antenatal, prenatal, newborn",
    "nephrology": "kidney, kidneys, kidney disease, dialysis, renal",
    "neurology": """
        brain, nerve, nerves, headache, headaches, migraine, migraines, epilepsy, seizure, seizures,
        fits, stroke, dizzy, dizziness, vertigo, numbness, tingling, tremor, memory, memory loss,
        dementia, parkinson's, parkinsons, multiple sclerosis, fainting
    """,
    "neurosurgery": "brain surgery, brain surgeon, brain tumor, spine surgery, slipped disc",
    "obstetrics": """
        pregnancy, pregnant, birth, childbirth, antenatal, prenatal, obstetrician, ob gyn, obgyn,
        ob/gyn
    """,
    "occupational-health": "work, workplace, fit for work, work injury, occupational",
    "oncology": "cancer, tumor, chemotherapy, chemo, radiotherapy, oncologist",
    "ophthalmology": """
        eye, eyes, eyesight, sight, vision, blurred vision, blurry vision, cataract, cataracts,
        glaucoma, glasses, red eye, retina, optician, optometrist, eye doctor, opthalmology,
        opthalmologist
    """,
    "orthopaedics": """
        knee, knees, hip, hips, shoulder, ankle, elbow, wrist, bone, bones, joint, joints, fracture,
        broken bone, broken arm, broken leg, back, back pain, backache, spine, neck, neck pain,
        sprain, ligament, tendon, leg, arm, hand, foot, limp, joint replacement, scoliosis, trauma,
        bone doctor, slipped disc, arthritis, sciatica
    """,
    "paediatrics": """
        child, children, kid, kids, baby, babies, infant, toddler, teenager, newborn, children's
        doctor, childrens doctor, son, daughter
    """,
    "pain-medicine": "chronic pain, long-term pain, pain clinic, nerve pain, pain",
    "palliative-care": "hospice, palliative, terminal, dying",
    "pathology": "biopsy, pathologist, laboratory, lab",
    "physiotherapy": """
        physio, physical therapy, physical therapist, physical therapist, back pain, backache, neck
        pain, muscle, muscles, stiff, stiffness, posture, sciatica, knee, shoulder, sprain
    """,
    "plastic-surgery": """
        cosmetic, cosmetic surgery, plastic surgeon, scar, scars, burn, burns, reconstruction
    """,
    "podiatry": """
        foot, feet, toe, toes, toenail, ingrown toenail, bunion, heel, heel pain, chiropodist,
        chiropody, verruca, corns
    """,
    "psychiatry": """
        mental health, mental, depression, depressed, anxiety, panic, panic attacks, bipolar, adhd,
        ocd, schizophrenia, addiction, eating disorder, ptsd, insomnia, shrink
    """,
    "psychology": """
        mental health, therapy, therapist, counselling, counseling, counsellor, counselor,
        psychotherapy, cbt, stress, anxiety, depression, depressed, grief, burnout, panic
    """,
    "pulmonology": """
        lung, lungs, breathing, breath, breathless, shortness of breath, asthma, copd, cough,
        wheeze, wheezing, chest, chest medicine, respiratory, sleep apnea, pneumonia, bronchitis
    """,
    "radiology": "x ray, x-ray, xray, scan, mri, ct, ct scan, ultrasound, mammogram, imaging",
    "rehabilitation": "rehab, recovery, after a stroke, after surgery",
    "rheumatology": """
        arthritis, rheumatism, joint, joints, joint pain, gout, lupus, rheumatoid, fibromyalgia
    """,
    "sexual-health": "sex, sexual, std, sti, hiv, contraception, erectile dysfunction, chlamydia",
    "speech-therapy": "speech, stammer, stutter, speech and language, swallowing",
    "sports-medicine": """
        sport, sports, sports injury, athlete, running injury, knee, ankle, sprain, ligament
    """,
    "urology": """
        bladder, prostate, urine, urinary, wee, pee, peeing, uti, incontinence, kidney stone, kidney
        stones, testicle, testicles, men's health, mens health, vasectomy, erectile dysfunction
    """,
    "vascular-surgery": "veins, varicose veins, artery, arteries, circulation, aneurysm, leg ulcer",
}

# They narrow nothing: what stands around the word that matters.
FILLING = """a, about, ache, aches, aching, an, and, appointment, at, bad, book, care, clinic,
    consultant, consultation, disease, disorder, doc, doctor, doctors, dr, expert, find, for, from,
    have, health, help, hurt, hurting, hurts, i, ill, illness, in, injury, is, issue, issues, it,
    me, medic, medical, medicine, my, near, need, of, on, or, our, pain, painful, pains, please,
    problem, problems, problem with, see, sick, sore, specialist, specialists, specialty, surgeon,
    swollen, test, the, to, treatment, trouble, with, your"""
