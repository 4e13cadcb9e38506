"""What the line's answer to a text asks for. (The interpreter for calls belongs beside this.)"""

from xml.etree import ElementTree

MOST_MESSAGES = 10  # Source: www.twilio.com/docs/api/errors/14109


def replies(document: str) -> list[str]:
    """The bodies of the <Message> verbs in an answer; none in an empty one. ValueError if it is no TwiML."""
    if not document.strip():
        return []
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 (the line's own words)
    except ElementTree.ParseError as error:
        raise ValueError("not XML") from error
    if root.tag != "Response":
        raise ValueError("not a TwiML response")
    bodies = (verb.findtext("Body") or verb.text or "" for verb in root.findall("Message"))
    return [body.strip() for body in bodies if body.strip()][:MOST_MESSAGES]
