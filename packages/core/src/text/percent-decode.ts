/** The text without its percent-encoding; as it stands where a percent sign encodes nothing. Never throws. */
export function percentDecoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
