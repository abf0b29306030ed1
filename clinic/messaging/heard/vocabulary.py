"""What people text back, in the languages of patients, as they would write it.

Phrases are read without capitals, accents and punctuation. To confirm may be said in many ways; to
cancel takes the exact words of texts, or the code of the visit beside a word of `CANCEL`.
"""

import string
import unicodedata

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without the look-alikes I, O, 0 and 1
CODE_LENGTH = 5

_SPACES = frozenset({"Zs", "Zl", "Zp", "Cc"})
_PUNCTUATION = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"})
_SYMBOLS = frozenset({"So"})
_LEFT_OUT = frozenset({"Cf", "Me"})  # zero-width characters, and the box around a keycap's digit
_SKINS = ("\U0001f3fb", "\U0001f3ff")  # of hands
_FOLDED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC")

_LOOK_ALIKES = str.maketrans(  # Cyrillic and Greek
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9",
    "ABESIJKMHOPCTYXABEZHIKMNOPTYXC",
)
_SAME_LETTERS = str.maketrans(  # of Arabic and Hindi; marks of vowels that few people write
    {"\u0649": "\u064a", "\u0629": "\u0647", "\u0640": "", "\u0670": ""}
    | {chr(mark): "" for mark in range(0x064B, 0x0653)}
    | {"\u0901": "\u0902", "\u093c": ""}
)


def plain(line: str) -> str:
    """Capital words with one space between; what is neither word nor punctuation stays."""
    return " ".join("".join(map(_plain_character, line)).upper().split())


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in _LEFT_OUT or "\ufe00" <= character <= "\ufe0f":
        return ""
    if _SKINS[0] <= character <= _SKINS[1]:
        return ""
    if category in _SPACES or category in _PUNCTUATION or character in string.punctuation:
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))  # keyboards in Hindi or Arabic have their own
    return f" {character} " if category in _SYMBOLS else character


def folded(plain: str) -> str:
    """Without accents, and what only looks like our letters as ours."""
    return " ".join(map(_folded_word, plain.split()))


def _folded_word(word: str) -> str:
    word = "".join(map(_base, word)).translate(_SAME_LETTERS)
    latin = word.translate(_LOOK_ALIKES)
    return latin if latin.isascii() else word


def _base(character: str) -> str:
    """Of a letter with its accent; an accent by itself, such as a stroke through it, stays."""
    first = unicodedata.normalize("NFD", character)[0]
    return first if unicodedata.name(first, "").startswith(_FOLDED) else character


def _phrases(listed: str) -> frozenset[str]:
    """Of a list with commas, or a line each."""
    written = unicodedata.normalize("NFKC", listed.strip()).replace("\n", ",").split(",")
    return frozenset(filter(None, (folded(plain(one)) for one in written)))


def _words_of(listed: str) -> frozenset[str]:
    return frozenset(folded(plain(unicodedata.normalize("NFKC", listed.replace(",", " ")))).split())


YES = _phrases("""
    yes, y, yep, yeah, yup, ya, aye, yes sir, yes ma am, yes please, affirmative
    si, sí, claro, claro que sí, por supuesto, oui, ouais, oui oui, bien sûr, ja, jawohl, jap
    natürlich
    हाँ, हां, जी हाँ, जी, हाँ जी, haan, han, haan ji, ji haan, ji
    نعم, أجل, ايوه, أيوا, اي نعم, naam, aiwa
    sim, sì, да, так, tak, evet, oo, da
""")
CONFIRM = _phrases("""
    c, 1, confirm, confirmed, confirming, confirm it, i confirm, we confirm, i can confirm
    i have confirmed
    confirm my appointment, i confirm my appointment, confirm my visit, i confirm my visit
    confirm appointment
    i confirm the appointment, to confirm, please confirm my appointment, confirmo mi cita de
    ok, okay, okey, okie, k, kk, sure, alright, all right, all good, correct, perfect
    sounds good, that s fine
    thats fine, that is fine, fine, agreed, will do, i ll be there, ill be there
    i will be there, we ll be there
    we will be there, be there, i am coming, i m coming, im coming, we are coming, i will come
    i ll come, coming
    i can make it, i ll make it, works for me, that works, done
    confirmo, confirmado, confirmada, confirmar, confirmo mi cita, confirmo la cita
    confirmo mi asistencia
    confirmo asistencia, vale, de acuerdo, está bien, ahí estaré, allí estaré, asistiré, voy
    iré, perfecto, dale
    confirmer, je confirme, confirmé, confirmée, je confirme mon rendez vous
    je confirme le rendez vous
    je confirme ma présence, d accord, daccord, dac, parfait, c est bon, ça marche, je serai là
    je viens, entendu
    bestätigt, bestätigen, bestätige, ich bestätige, ich bestätige den termin
    ich bestätige meinen termin
    hiermit bestätige ich, hiermit bestätige ich den termin, bestaetigt, bestaetigen, bestaetige
    ich bestaetige
    passt, in ordnung, einverstanden, ich komme, wir kommen, alles klar, gut, perfekt, geht klar
    bin da
    पुष्टि, पुष्टि करें, पुष्टि करता हूँ, पुष्टि करती हूँ, मैं पुष्टि करता हूँ
    मैं पुष्टि करती हूँ, पक्का, कन्फर्म
    कन्फर्म है, कंफर्म, ठीक है, ठीक, सही है, मैं आऊँगा, मैं आऊँगी, आऊँगा, आऊँगी, ओके, theek hai
    thik hai
    أؤكد, مؤكد, تأكيد, أكد, أؤكد الموعد, أؤكد موعدي, تم التأكيد, موافق, موافقة, حسنا, تمام
    سأحضر, سوف أحضر
    اوكي, tamam
    👍, 👌, ✅, ✔, ☑, 🆗
""")
THANKS = _phrases("""
    thanks, thank you, thankyou, thank u, thx, thanx, tks, ty, cheers, ta, many thanks
    thanks a lot, thanks so much
    thank you so much, thank you very much, thanks very much, much appreciated, regards
    kind regards
    best regards, best wishes, best, yours sincerely, sincerely, from, love
    gracias, muchas gracias, mil gracias, saludos, un saludo, merci, merci beaucoup, merci bien
    cordialement
    bien cordialement, cdt, danke, danke schön, dankeschön, vielen dank, besten dank, danke sehr
    viele grüße
    liebe grüße, mit freundlichen grüßen, mfg, lg, vg, धन्यवाद, शुक्रिया, बहुत धन्यवाद
    dhanyavaad, shukriya
    شكرا, شكرا لك, شكرا لكم, شكرا جزيلا, مع الشكر, تحياتي, shukran
    obrigado, obrigada, grazie, спасибо, teşekkürler
""")
AROUND = _phrases("""
    hi, hello, hey, dear, good morning, good afternoon, good evening, dear clinic, great, lovely
    brilliant, super
    good, cool, wonderful, see you, see you then, see you there, see you soon, see you tomorrow
    see you later
    see u, see u then, cya, see you monday, see you tuesday, see you wednesday, see you thursday
    see you friday, see you saturday, see you sunday, will see you then, please, pls, plz, that
    it, reply, for me
    looking forward, the appointment, my appointment, the visit, my visit, to confirm, and, so
    then, got it, noted
    understood, received, no problem, no worries, bye, have a good day, have a nice day
    hola, buenos días, buenas tardes, buenas, por favor, hasta mañana, hasta luego, nos vemos
    genial, mi cita
    la cita, bonjour, bonsoir, s il vous plaît, svp, à demain, à bientôt, super, très bien
    mon rendez vous, bonne journée
    hallo, guten morgen, guten tag, guten abend, bitte, bis morgen, bis dann, bis bald
    den termin, meinen termin, tschüss
    schönen tag, नमस्ते, कृपया, मिलते हैं, namaste, السلام عليكم, مرحبا, من فضلك, إن شاء الله
    ان شاء الله, الموعد, موعدي
    😊, 🙂, 😀, 😃, 😄, 😁, 🙏, ❤, 💙, 💚, 👏, 💪, 🎉, 🥰, 😘, 😉, 🤗
""")
# Only with the code of the visit beside it.
CANCEL = _phrases("""
    x, cancel, cancelar, cancela, cancelo, anular, annuler, annule, j annule, stornieren
    absagen, storno
    रद्द, रद्द करें, रद्द करो, إلغاء, الغاء, الغ, ألغ
""")
STOP = _phrases("""
    stop, stopall, unsubscribe, end, quit, revoke, optout, stop all, opt out, opt me out
    unsubscribe me, remove me
    no more texts, no more messages, stop texts, stop it
    alto, parar, pare, paren, baja, darme de baja, detener, no más mensajes, salir
    arrêt, arrêter, arrêtez, stopper, désabonner, se désabonner, désinscrire, désinscription
    plus de messages
    halt, stopp, stoppen, abmelden, abbestellen, aufhören, ende, keine sms mehr
    keine nachrichten mehr
    बंद, बंद करो, बंद करें, बन्द करें, रोको, रोकें, रुको, सदस्यता समाप्त
    توقف, توقفوا, أوقف, إيقاف, قف, أوقفوا, إلغاء الاشتراك, الغاء الاشتراك, لا ترسل, لا ترسلوا
    стоп, отписаться, dur, durdur, sair, ferma, basta
""")
START = _phrases("""
    start, unstop, iniciar, empezar, comenzar, reanudar, démarrer, commencer, reprendre, starten
    anmelden
    शुरू, शुरू करें, शुरू करो, ابدأ, بدء, ابدأوا, استئناف
""")
HELP = _phrases("""
    help, info, ayuda, aide, hilfe, मदद, सहायता, مساعدة, ساعدوني
""")
# A short sentence asks for no more texts if it has one of the first, and of the second alone.
STOPS = _words_of("""
    stop stopp unsubscribe stopping stoppez stoppen parar paren pare dejen deje deja arrêtez
    arrête arrêter
    arrêt aufhören stoppt abmelden keine बंद बन्द रोको रोकें توقف توقفوا أوقف أوقفوا إيقاف
""")
AROUND_STOP = _words_of("""
    please pls plz kindly just now already ok okay yes no more sending send texting text texts
    txt txts messaging
    message messages msg msgs sms contacting bothering spamming spam harassing reminding
    reminders reminder
    notifications notification alerts calling me us my our phone number this these those the to
    it all any i we you
    can could would will want said asked again from for and wish need thank thanks whatsapp
    por favor de enviarme enviar enviando mandarme mandar mensajes mensaje textos más ya me los
    estos recordatorios
    s il vous plaît svp d de m envoyer envoi ces vos les des messages message textos rappels
    merci
    bitte mir mehr sms nachrichten nachricht keine diese die schicken senden zu an mich
    erinnerungen danke jetzt
    कृपया मैसेज मेसेज संदेश भेजना एसएमएस मुझे ये यह सब करो करें कर दो दें भेजने को
    الرسائل رسائل رسالة عن إرسال ارسال من فضلك لو سمحت هذه لي إلي لطفا أرجو ارجوكم
""")
# Beside a yes they take it back, or say more: no name of who signs.
NOT_NAMES = _words_of("""
    no not none never but however except unless if when where why what who how can cannot cant
    can't could may might
    change move moved reschedule later late early earlier earlier wait waiting running sick ill
    only maybe perhaps
    unsure tomorrow today tonight yesterday monday tuesday wednesday thursday friday saturday
    sunday
    january february march april june july august september october november december morning
    afternoon evening
    call phone question doctor dr nurse sorry wrong stop cancel
    pero tarde mañana hoy nunca quizás lunes martes miércoles jueves viernes sábado domingo
    non mais pas jamais demain retard lundi mardi mercredi jeudi vendredi samedi dimanche peut
    nein nicht aber kein morgen heute spät später vielleicht montag dienstag mittwoch
    donnerstag freitag samstag sonntag
    नहीं ना मत लेकिन पर कल आज देर रद्द لا ليس لكن غدا اليوم متأخر إلغاء الغاء بعد
""")
# What telephones put below what was typed.
SIGNATURES = tuple(
    _phrases("""
    sent from, sent via, get outlook, enviado desde, enviado de, obtener outlook, envoyé de
    envoyé depuis
    gesendet von, von meinem, मेरे, भेजा गया, أرسل من, أرسلت من, مرسل من
""")
)
