/** Why signing in with an identity provider failed, as the address of the sign-in page says it. */
export const SIGN_IN_PROBLEMS = {
  'provider-unavailable': {
    title: 'The identity provider did not answer.',
    next: 'Try again in a moment. If it stays like this, tell an admin.',
  },
  'provider-refused': {
    title: 'The identity provider refused the sign-in.',
    next: 'Try again, or ask the people who run it whether you may use this console.',
  },
  'attempt-ended': {
    title: 'This sign-in was not started in this browser, or more than ten minutes ago.',
    next: 'Sign in again from this page.',
  },
  'response-invalid': {
    title: 'The response of the identity provider is not valid.',
    next: 'Try again. If it stays like this, an admin finds the reason in the log under the request id.',
  },
  'claims-missing': {
    title: 'The identity provider did not say what your username is.',
    next: 'An admin has to set the claim with the username, LAKESHORE_OIDC_USERNAME_CLAIM.',
  },
  'too-many-groups': {
    title: 'The identity provider names more groups than Lakeshore accepts.',
    next: 'An admin has to choose those that count, with LAKESHORE_OIDC_GROUPS or at the provider.',
  },
  'user-unknown': {
    title: 'You have no user here yet.',
    next: 'Ask an admin to add you.',
  },
  'name-taken': {
    title: 'Another user here has your username.',
    next: 'If it is you, an admin can link that user to your identity.',
  },
  'user-disabled': {
    title: 'Your user is disabled.',
    next: 'Ask an admin to enable it.',
  },
  'too-many-requests': {
    title: 'Too many people are signing in right now.',
    next: 'Try again in a moment.',
  },
  'database-failed': {
    title: 'Lakeshore’s database cannot be used.',
    next: 'Try again in a moment.',
  },
  internal: {
    title: 'Something went wrong.',
    next: 'The reason is in the log under the request id.',
  },
} as const satisfies Record<string, { title: string; next: string }>

export type SignInProblemCode = keyof typeof SIGN_IN_PROBLEMS

/** Null for a text that is no code: anyone can write an address. */
export function parseSignInProblem(text: unknown): SignInProblemCode | null {
  return typeof text === 'string' && Object.hasOwn(SIGN_IN_PROBLEMS, text) ? (text as SignInProblemCode) : null
}
