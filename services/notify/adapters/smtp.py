"""SMTP — one mail to its server. What goes wrong is a value, and nothing of the mail is logged."""

import asyncio

import aiosmtplib

from services.notify.domain.channel import HttpResponse
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Retry


async def deliver(mail: MailRequest, seconds: float) -> HttpResponse | Retry:
    """Return the server's last reply, or what its absence means.

    All of it may take ``seconds``. Nobody can have been told before the text was handed
    over.
    """
    user, password = mail.login or (None, None)
    server = aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        username=user,
        password=password.get_secret_value() if password else None,
        use_tls=mail.tls == "implicit",
        start_tls=mail.tls == "starttls",
        timeout=seconds,
    )
    handed_over = False
    try:
        async with asyncio.timeout(seconds):
            await server.connect()
            await server.mail(mail.sender)
            await server.rcpt(mail.to)
            handed_over = True
            reply = await server.data(mail.message)
        return HttpResponse(200, {"reply": reply.code})
    except aiosmtplib.SMTPResponseException as refused:
        return HttpResponse(200, {"reply": refused.code})
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return Retry(type(error).__name__, unsure=handed_over, made=handed_over)
    finally:
        server.close()
