"""What staff are told after a deed, on the page that follows it."""

from service.tongue import N_, Words

SAID: Words[str] = Words(
    {
        "claimed": N_("It is yours. Nobody else will ring."),
        "text_sent": N_("Your text is on its way."),
        "text_waits": N_("Your text waits for the hours in which they may be texted."),
        "handed_over": N_("Handed over."),
        "put_off": N_("Put off. It stands at the end of the list until then."),
        "handed_back": N_("Handed back. Somebody else can take it now."),
        "closed": N_("Closed, with its outcome."),
        "ringing": N_(
            "Your phone rings now. Press 1 to be connected; the patient sees the clinic’s number."
        ),
        "tried": N_("The try is counted. They stay on the list until somebody has reached them."),
        "noted": N_("Your note is kept."),
        "resting": N_("The tips rest."),
        "going_on": N_("The tips go on."),
        "ended": N_("The program is ended."),
        "invited": N_("They are asked by text. The tips begin when they answer 1."),
        "opted_out": N_("Opted out: no more texts and no automated calls."),
        "replayed": N_("Handled now."),
        "packed": N_("Marked as packed."),
        "mailed": N_("Marked as mailed."),
        "undone": N_("Undone."),
        "returned": N_("Marked as returned."),
        "address_changed": N_("Name and address are changed."),
        "sent_again": N_("It goes out again. Its week stands below."),
        "by_hand": N_("It is in the line. Tell them the week that stands below."),
        "tracked": N_("The tracking number is kept."),
        "let_in": N_("It is in the line now."),
        "dropped": N_(
            "Dropped. A package that came free goes to the next in line. The patient is not told."
        ),
        "table_taken": N_("The table is taken in."),
        "password_set": N_("Your password is set."),
        "codes_begun": N_("Now read the picture with your app and type the code it shows."),
        "codes_set": N_(
            "Codes are set up. Keep the recovery codes somewhere safe: they are shown once."
        ),
        "passkey_added": N_("Your passkey is kept."),
        "passkey_removed": N_("That passkey works no more."),
        "role_changed": N_("The role is changed; they have to sign in again."),
        "disabled": N_("The account is closed."),
        "erased": N_("Erased. What is left can be tied to nobody."),
        "on_duty": N_("On the rota."),
        "off_duty": N_("Taken off the rota."),
        "mobile_kept": N_("The number is kept."),
        "replay_failed": N_("It could not be handled this time either."),
    }
)
"""What the next page says after a deed; the address carries the key only."""
