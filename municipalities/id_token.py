"""Who the provider says that somebody is: the one token of OpenID Connect that we read, and every check on it."""

from secrets import compare_digest

import jwt

# Signed with a private key only: a provider that shares a secret could be imitated by whoever has that secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# How far the provider's clock may be off, in seconds.
LEEWAY = 60


def subject_of(token, keys, *, issuer, client_id, nonce):
    """The subject in this token, when it was signed with one of these keys (a JWK set) for us, now and for this visit.

    Raises jwt.PyJWTError, KeyError, TypeError or ValueError for every other one.
    """
    claims = jwt.decode(
        token,
        _key(token, keys),
        algorithms=ALGORITHMS,
        issuer=issuer,
        audience=client_id,
        leeway=LEEWAY,
        options={"require": ["iss", "sub", "aud", "exp", "iat"]},
    )
    if claims.get("azp", client_id) != client_id:
        raise jwt.InvalidAudienceError("given out to somebody else")
    if not compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise jwt.InvalidTokenError("given out for another visit")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise jwt.InvalidSubjectError("nobody")
    return claims["sub"]


def _key(token, keys):
    """The key that the token names; a provider with a single key need not name it."""
    key_id = jwt.get_unverified_header(token).get("kid")
    signing = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")]
    named = [key for key in signing if key.key_id == key_id] if key_id else signing
    if len(named) != 1:
        raise jwt.InvalidKeyError("no such key")
    return named[0]
