/** What `createUrlRedactor` needs to know. */
export interface UrlRules {
  readonly redactText: (text: string) => string;
  readonly isSensitive: (key: string) => boolean;
  readonly standIn: (key: string, value: string) => string;
}

const PARAMETER = /([?&;#])([^=&;#?]{1,256})=([^&;#]*)/g;

/**
 * Builds `redactUrl`. Beside what text redaction finds (userinfo, `token=…`, e-mail addresses) it decodes the names
 * and values of parameters, in query and fragment, so `pass%77ord=` hides nothing.
 */
export function createUrlRedactor({ redactText, isSensitive, standIn }: UrlRules): (url: string) => string {
  return (url) => {
    const decoded = url.replace(PARAMETER, (parameter, before: string, name: string, value: string) => {
      if (value === "") return parameter;
      const key = decode(name);
      if (isSensitive(key)) return `${before}${name}=${standIn(key, decode(value))}`;
      if (!value.includes("%")) return parameter;
      const plain = decode(value);
      const redacted = redactText(plain);
      return redacted === plain ? parameter : `${before}${name}=${redacted}`;
    });
    return redactText(decoded);
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Not percent-encoded after all: it is judged as it stands.
    return text;
  }
}
