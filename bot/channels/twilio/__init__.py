"""SMS and WhatsApp over Twilio: signed webhooks in, replies in their own TwiML response."""

from bot.channels.twilio.channel import TwilioChannel

__all__ = ["TwilioChannel"]
