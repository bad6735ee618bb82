const UNKNOWN_AUTHORITY = /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*)|.*SELF_SIGNED_CERT.*)$/;
const NOT_NOW = /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/;
// What a server says of a client's certificate, or of the lack of one (RFC 8446, section 6.2).
const REFUSED = /_ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)$/;

/**
 * Why no TLS connection came about, in words; undefined where it is something else.
 *
 * @param hasOwn whether a certificate was shown
 */
export function tlsReason(
  { code = "", message }: NodeJS.ErrnoException,
  hasOwn: boolean,
): string | undefined {
  if (UNKNOWN_AUTHORITY.test(code))
    return `has a certificate of an authority that nobody here trusts (${code}): WHODUNIT_PROMETHEUS_CA names a file with the authority's`;
  if (NOT_NOW.test(code)) return `has a certificate that is not good today (${code})`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `has a certificate for another name (${code})`;
  if (REFUSED.test(code))
    return hasOwn
      ? `does not trust the certificate of WHODUNIT_PROMETHEUS_CERT (${code})`
      : `wants a certificate (${code}): WHODUNIT_PROMETHEUS_CERT and _KEY name the files`;
  if (/wrong version number/i.test(message)) return "speaks no TLS: want http:// in its address";
  return undefined;
}

/** Whether a server that speaks TLS alone says so to who does not: Go's, nginx's. */
export const wantsTls = (text: string): boolean =>
  /HTTP request to an HTTPS server|HTTP request was sent to HTTPS port/.test(text);
