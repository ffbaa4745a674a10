"""The plugin's first file: an administrator, ingest, and nothing for anybody else."""

import base64
import hashlib
import json
import secrets
from typing import Any

from trust.broker.rules import ADMIN, DEFAULTS, INGEST, acl_list, fixed_roles

# As mosquitto hashes: PBKDF2 with SHA-512. Our passwords are random, so the count guards nothing more.
_ITERATIONS = 101


def initial_file(*, admin_password: str, ingest_password: str, share: str) -> str:
    """`dynamic-security.json` before the first gateway is enrolled; the broker keeps it from then on."""
    roles = fixed_roles(share)
    content = {
        "defaultACLAccess": DEFAULTS,
        "clients": [_client(ADMIN, admin_password), _client(INGEST, ingest_password)],
        "groups": [],
        "roles": [{"rolename": name, "acls": acl_list(acls)} for name, acls in roles.items()],
    }
    return json.dumps(content, indent=1) + "\n"


def _client(name: str, password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(12)
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return {
        "username": name,
        "textname": "campus",
        "roles": [{"rolename": name}],
        "password": base64.b64encode(hashed).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": _ITERATIONS,
    }
