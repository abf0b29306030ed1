"""What patients text back in six languages, and how things stand then: one visit was to come.

`confirms` and `cancels` change it; `asks` leaves it and comes before the desk; `stops` ends the
texts, and `stops and asks` lets the desk see that; `ends` is the carriers' CANCEL: both. `helps`
and `starts` are answered; `machine` is silent. `{code}` is the code of the visit.
"""

EN = {
    "confirms": """
        C | c | C. | c! | "C" | 1 | Yes | YES!! | yep | ok | OK. | Okay | Confirm
        confirmed | I confirm | Yes please | Sure, thanks | 👍 | 👍🏽 | 👍👍 | ✅ | C 👍 | Ok 🙂
        C - Maya | Yes, thanks, Maya Ellison | Yes thanks Maya | Confirmed. Regards, Anna
        C\\n\\nSent from my iPhone | Yes\\n--\\nMaya | confirm {code} | CONFIRM{code}
        C{code} | c {code} thanks | yes {code} | I'll be there, thank you | ok see you then
        That's fine | Hi, yes I confirm my appointment | 1A | \u0421 | \u0441 | \u041e\u041a
    """,
    "cancels": """
        X | x | X. | 2 | 2. | X {code} | CANCEL {code} | cancel: {code}! | 2A
        \u0425 {code}
    """,
    "asks": """
        X? | can I cancel? | can i cancel | Cancel my appointment | please cancel | x please
        xx | C X | no | No. | yes x | \u0425 | \u0445 | Yes but later | Yes, Tuesday
        I can't confirm | Don't stop | C? | ok? | . | not ok | OK, no
        Where is the bus stop | Should I stop my pills? | X{code} | cancel {code} now | 👎
        CHANGE | Thank you | I am running late | Can I come at 10 instead? | yes or no
    """,
    "stops": """
        STOP | stop. | Stop! | STOPALL | UNSUBSCRIBE | end | QUIT | Revoke | OPTOUT
        opt-out
    """,
    "stops and asks": """
        please stop texting me | Stop texting me | pls stop
        stop sending me messages please | Can you stop texting me? | unsubscribe please
    """,
    "ends": "CANCEL | cancel | Cancel.",
    "helps": "HELP | help? | INFO",
    "starts": "START | unstop",
    "machine": "Liked “Harbour Clinic: booked” | 👍 to “Harbour Clinic: booked”",
}
ES = {
    "confirms": """
        Sí | si | SI, gracias | Confirmo | confirmado | Confirmo mi cita | vale
        De acuerdo, gracias | Sí, confirmo. Saludos, José | ahí estaré | sí {code}
        👍 gracias
    """,
    "cancels": "Cancelar {code} | anular {code}",
    "asks": """
        cancelar | ¿puedo cancelar? | Quiero cambiar la cita | no | sí pero más tarde
        gracias
    """,
    "stops": "PARAR | Alto | baja | no más mensajes",
    "stops and asks": "por favor paren de enviarme mensajes",
    "helps": "AYUDA",
    "starts": "INICIAR",
    "machine": "Le gustó “Harbour Clinic: booked”",
}
FR = {
    "confirms": """
        Oui | oui merci | Je confirme | Confirmé | d'accord | D\u2019accord, merci | C'est bon
        Je confirme. Cordialement, Jean Dupont | je serai là | OUI {code} | parfait 👍
    """,
    "cancels": "Annuler {code} | annule {code}",
    "asks": """
        annuler | Puis-je annuler ? | non | oui mais pas demain | Je suis en retard | merci
    """,
    "stops": "ARRET | Arrêt | arrêter | se désabonner",
    "stops and asks": "Arrêtez de m'envoyer des messages | stop svp",
    "helps": "AIDE",
    "starts": "reprendre",
    "machine": "A aimé «\u00a0Harbour Clinic: booked\u00a0»",
}
DE = {
    "confirms": """
        Ja | ja, danke | Ja bitte | Bestätigt | bestaetigt | Ich bestätige den Termin
        passt | Alles klar, danke! | Bestätigt. Mit freundlichen Grüßen Anna Weber
        in Ordnung | Ja {code}
    """,
    "cancels": "Absagen {code} | stornieren {code}",
    "asks": """
        absagen | Kann ich absagen? | nein | ja aber später | Ich komme zu spät | danke
    """,
    "stops": "STOPP | Abmelden | abbestellen | keine SMS mehr",
    "stops and asks": "bitte keine Nachrichten mehr schicken | Stopp bitte",
    "helps": "Hilfe",
    "starts": "starten",
    "machine": "Hat „Harbour Clinic: booked“ geliked",
}
HI = {
    "confirms": """
        हाँ | हां | जी हाँ | हाँ धन्यवाद | ठीक है | पुष्टि करें | हाँ {code} | १ | haan ji
        theek hai | 👍 धन्यवाद
    """,
    "cancels": "रद्द करें {code} | २",
    "asks": """
        रद्द करें | नहीं | हाँ लेकिन देर से | धन्यवाद | क्या मैं रद्द कर सकता हूँ?
    """,
    "stops": "बंद करें | रोकें",
    "stops and asks": "कृपया मैसेज भेजना बंद करें",
    "helps": "मदद",
    "starts": "शुरू करें",
    "machine": "“Harbour Clinic: booked” को पसंद किया",
}
AR = {
    "confirms": """
        نعم | نعم شكرا | أؤكد | أؤكّد الموعد | مؤكد | موافق | تمام | حسناً | نعم {code}
        \u0661 | إن شاء الله نعم
    """,
    "cancels": "إلغاء {code} | ٢",
    "asks": "إلغاء | لا | نعم لكن غدا | شكرا | هل يمكنني الإلغاء؟",
    "stops": "توقف | إيقاف | أوقفوا",
    "stops and asks": "أوقفوا الرسائل من فضلك",
    "helps": "مساعدة",
    "starts": "ابدأ",
    "machine": "أعجبني “Harbour Clinic: booked”",
}
BY_LANGUAGE = {"en": EN, "es": ES, "fr": FR, "de": DE, "hi": HI, "ar": AR}
ENDS = tuple(EN)


def bodies() -> list[tuple[str, str, str]]:
    """Language, end and body of each."""
    return [
        (language, end, body.strip().replace("\\n", "\n"))
        for language, by_end in BY_LANGUAGE.items()
        for end, listed in by_end.items()
        for line in listed.strip().splitlines()
        for body in line.split("|")
        if body.strip()
    ]
