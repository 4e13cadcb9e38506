"""How a password is kept."""

from argon2 import PasswordHasher


def test_a_password_is_kept_as_argon2id_at_the_cost_that_rfc_9106_names(
    passwords_of_the_clinic: PasswordHasher,
) -> None:
    kept = passwords_of_the_clinic.hash("four or five words will do")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
