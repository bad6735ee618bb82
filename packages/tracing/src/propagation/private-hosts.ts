/**
 * Hosts taken for our own by default: loopback, private addresses (RFC 1918, RFC 4193, link-local), names
 * without a dot, and the suffixes of cluster and office networks.
 */
export const PRIVATE_HOSTS: readonly string[] = [
  "loopback",
  "private",
  "single-label",
  ".svc",
  ".local",
  ".internal",
];
