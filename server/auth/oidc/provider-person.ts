import 'server-only'
import { isLikeEveryone } from '@/lib/names/everyone-name'
import type { OidcSettings } from '@/server/config/oidc-settings'
import { SignInRefusal } from './sign-in-refusal'
import { isRecord } from '@/lib/plain-json'

/** A person, or a service, as the identity provider describes them. */
export type ProviderPerson = {
  subject: string
  /** In the characters of our usernames; null when the claim is missing. */
  username: string | null
  displayName: string | null
  /** The console's groups that the provider names, without repetition; null when the claim is missing. */
  groups: readonly string[] | null
}

const MAX_SUBJECT_CHARS = 255
const MAX_DISPLAY_NAME_CHARS = 128
const MAX_USERNAME_CHARS = 64
/** Groups in a token, before they are mapped. */
const MAX_LISTED_GROUPS = 5_000
export const MAX_PROVIDER_GROUPS = 200
const GROUP_NAME = /^[^\p{Cc}]{1,128}$/u

/**
 * Reads the claims of a verified token. Their values are untrusted: the provider may let people choose their own names.
 *
 * @throws {SignInRefusal} response-invalid, too-many-groups
 */
export function readPerson(settings: OidcSettings, claims: Readonly<Record<string, unknown>>): ProviderPerson {
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_CHARS || /\p{Cc}/u.test(sub)) {
    throw new SignInRefusal('response-invalid', 'The subject is missing or too long.')
  }
  const username = readText(claims, settings.claims.username)
  const displayName = readText(claims, settings.claims.displayName)
  return {
    subject: sub,
    username: username === null ? null : toUsername(username),
    displayName: displayName?.slice(0, MAX_DISPLAY_NAME_CHARS) ?? null,
    groups: readGroups(settings, claims),
  }
}

function readGroups(settings: OidcSettings, claims: Readonly<Record<string, unknown>>): readonly string[] | null {
  const value = findClaim(claims, settings.claims.groups)
  // Entra leaves out a claim with too many groups, and names an address to fetch them from.
  if (value === undefined && findClaim(claims, '_claim_names') !== undefined) {
    const elsewhere = findClaim(claims, '_claim_names')
    if (isRecord(elsewhere) && Object.hasOwn(elsewhere, settings.claims.groups)) throw tooManyGroupsError()
  }
  if (value === undefined || value === null) return null
  const listed = Array.isArray(value) ? value : [value]
  if (listed.length > MAX_LISTED_GROUPS) throw tooManyGroupsError()
  if (!listed.every((name): name is string => typeof name === 'string')) {
    throw new SignInRefusal('response-invalid', 'The claim with the groups is not a list of texts.')
  }
  const { groupNames } = settings
  const names = new Set(
    groupNames === null
      ? listed.map((name) => name.trim()).filter((name) => GROUP_NAME.test(name) && !isLikeEveryone(name))
      : listed.flatMap((name) => groupNames.get(name.trim()) ?? []),
  )
  if (names.size > MAX_PROVIDER_GROUPS) throw tooManyGroupsError()
  return [...names].toSorted()
}

function tooManyGroupsError(): SignInRefusal {
  return new SignInRefusal('too-many-groups', `The provider names more than ${MAX_PROVIDER_GROUPS} groups.`)
}

/** Usernames have few characters, so that they look distinct in a log; another one becomes `-`. */
function toUsername(text: string): string | null {
  const name = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w.@-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_USERNAME_CHARS)
  return name === '' ? null : name
}

function readText(claims: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = findClaim(claims, name)
  if (typeof value !== 'string') return null
  const text = value.replace(/\p{Cc}+/gu, ' ').trim()
  return text === '' ? null : text
}

/** A claim by its name, or else by a path with dots into objects (`realm_access.roles`). */
function findClaim(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}
