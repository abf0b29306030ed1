"""What can go wrong with an account, in the words of the trade."""

from clinic.core.errors import N_, ClinicError, Conflict, FieldError, Forbidden


class LinkSpent(ClinicError):
    status, code = 400, "link_spent"
    title = N_("This link is no longer valid. Ask for a new one.")


class WrongCode(ClinicError):
    status, code = 400, "wrong_code"
    title = N_("That code is not right, or it is too old.")


class WeakPassword(ClinicError):
    status, code = 400, "weak_password"
    title = N_(
        "That password is easy to guess. Three words are easier to remember and harder to guess."
    )

    def __init__(self, words: str | None = None, **values: object) -> None:
        problem = FieldError("password", self.code, words or self.title, values)
        super().__init__(words, [problem], **values)


class BadPhoto(ClinicError):
    status, code = 400, "bad_photo"
    title = N_("We could not read that photo. Send a JPEG, PNG or WebP picture.")


class PhotoTooLarge(ClinicError):
    status, code = 413, "photo_too_large"
    title = N_("That photo is too large. It may have 2 MB and 25 million pixels.")


class WrongPassword(ClinicError):
    status, code = 401, "wrong_password"
    title = N_("That email and password do not match.")


class NotYourPassword(WrongPassword):
    """Of somebody who is signed in: another login would not help."""

    status, title = 403, N_("That is not your password.")


class AlreadyInUse(Conflict):
    code = "already_in_use"
    title = N_("These details already belong to an account. Log in, or use others.")


class SetupRequired(Forbidden):
    code = "two_factor_setup_required"
    title = N_("Your organisation requires two-factor: switch it on in your account first.")
    of_their_role = N_("Superadmins need two-factor: switch it on in your account first.")


class BadToken(ClinicError):
    status, code = 401, "invalid_token"
    title = N_("That token is not valid, or no longer. Log in again.")


class OtpRequired(ClinicError):
    status, code = 401, "otp_required"
    title = N_("Enter the code of your authenticator app.")


class WrongOtp(ClinicError):
    status, code = 401, "wrong_otp"
    title = N_("That code is not right, or it was used before.")


class NotYourCode(WrongOtp):
    """Of somebody who is signed in: another login would not help."""

    status = 403


class AlreadyOn(Conflict):
    code, title = "two_factor_on", N_("Two-factor is already switched on")


class NotOn(Conflict):
    code, title = "two_factor_off", N_("Two-factor is switched off: it has no recovery codes")


class NoAddress(Conflict):
    code = "no_address"
    title = N_("Your account has none yet. Enter one first.")


class NotProven(Conflict):
    code = "email_not_proven"
    title = N_("Confirm your email address first. Then switch on two-factor.")


class AddressOfAnother(Conflict):
    code = "address_of_another"
    title = N_(
        "This email address already belongs to another account of yours. Ask who invited you"
        " to enter another address."
    )


class Required(Conflict):
    code = "two_factor_required"
    title = N_("Your organisation requires two-factor: it stays switched on.")
    of_their_role = N_("Superadmins need two-factor: it stays switched on.")


class OwnAccount(Conflict):
    code = "own_account"
    title = N_("You cannot do this to your own account. Ask another administrator.")


class LastOne(Conflict):
    code = "last_administrator"
    title = N_("Somebody must stay who can do this. Make another administrator first.")


class NotWaiting(Conflict):
    code, title = "not_waiting", N_("There is no open invitation: the password is already chosen")
