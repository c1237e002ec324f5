"""Botocore verifies AWS signatures. The input is a received request; the response is the `authorization` header that it
should have, given the headers that it claims to have signed, and its time."""

import datetime

import json_lines

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

keys = json_lines.settings()
credentials = Credentials(keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken"))


def sign(request):
    at = datetime.datetime.strptime(request["headers"]["x-amz-date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: at
    made = AWSRequest(
        method=request["method"],
        url=request["url"],
        data=request["body"].encode("utf-8"),
        headers={name: request["headers"][name] for name in request["signed"]},
    )
    botocore.auth.SigV4Auth(credentials, request["service"], request["region"]).add_auth(made)
    return made.headers["Authorization"]


json_lines.answer_all(sign)
