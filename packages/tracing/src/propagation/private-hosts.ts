/**
 * Hosts taken for our own by default: loopback, private addresses (RFC 1918, RFC 4193, link-local in
 * IPv6), names without a dot, and the suffixes of cluster and office networks. Never where a cloud tells a machine of
 * itself (169.254.169.254, `metadata.google.internal`).
 */
export const PRIVATE_HOSTS: readonly string[] = [
  "loopback",
  "private",
  "single-label",
  ".svc",
  ".local",
  ".internal",
];
