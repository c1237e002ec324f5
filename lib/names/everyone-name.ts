/** The built-in group that all users are in, by its name and its id. */
const EVERYONE = 'everyone'

/** Characters that are invisible or drawn as a space. */
const UNSEEN = /[\p{DI}\p{C}\s\u2800]+/gu

/**
 * Lower-case letters that look like one of the name in usual fonts, themselves or as capitals: Latin, Greek, Cyrillic,
 * Armenian, Georgian, Cherokee, Coptic, Lisu. NFKC resolves the others.
 *
 * Spec: Unicode Technical Standard 39 (Security Mechanisms), `confusables.txt`.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  e: String.raw`\u0435\u03b5\u04bd\u212e\u025b\uab32\u1d07\u2c89\uab7c\ua4f0`,
  v: String.raw`\u03bd\u0475\u2228\u22c1\u1d20\uaba9\ua4e6`,
  r: String.raw`\u0433\u1d26\u2c85\uab47\uab48\u0280\uab71\uaba2\uab81\ua4e3`,
  y: String.raw`\u0443\u04af\u03b3\u03c5\u028f\u10e7\uab5a\u1eff\u0263\u1d8c\uab79\uab8d\u2ca9\ua4ec`,
  o: String.raw`\u043e\u03bf\u03c3\u0585\u1d0f\u10ff\u2c9f0\ua4f3`,
  n: String.raw`\u0578\u057c\u043f\u03b7\u03bd\u1d0e\u0274\u2c9b\ua4e0`,
}

const LIKE_EVERYONE = new RegExp(
  `^${Array.from(EVERYONE, (letter) => `[${letter}${LOOK_ALIKES[letter] ?? ''}]`).join('')}$`,
  'u',
)

/**
 * Whether people could take a group of this name for the one that all users are in: it is *everyone* but for case,
 * compatibility forms, characters that are not seen, and letters of other scripts that look the same.
 */
export function isLikeEveryone(name: string): boolean {
  return LIKE_EVERYONE.test(name.normalize('NFKC').replace(UNSEEN, '').toLowerCase())
}
