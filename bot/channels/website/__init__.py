"""The website: a page, and the Socket.IO channel that it and other widgets talk to.

session.py   signed session ids, issued by the server
events.py    what a browser may send: shape, size, rate
channel.py   Socket.IO events to Rasa messages and back
page.py      the page, its style and script, and the liveness check
"""

from bot.channels.website.channel import WebsiteChannel, catalogue_of
from bot.channels.website.session import SessionError, issue, verify

__all__ = ["SessionError", "WebsiteChannel", "catalogue_of", "issue", "verify"]
