import 'server-only'
import * as z from 'zod'
import { isLikeEveryone } from '@/lib/names/everyone-name'
import { ROLES, type Role } from '@/lib/permissions'

/** How people sign in with an OpenID Connect provider, and which of its access tokens engines may use. */
export type OidcSettings = {
  /** Exactly as tokens name it. */
  issuer: string
  /** The provider's name on the sign-in page. */
  name: string
  clientId: string
  /** Null for a public client, which proves itself by PKCE alone. */
  clientSecret: string | null
  scopes: string
  claims: { username: string; displayName: string; groups: string }
  /** From the provider's name of a group to the console's; null: all groups under the provider's names. */
  groupNames: ReadonlyMap<string, string> | null
  /** The role on everything of users who are created at their first sign-in, or null. */
  newUserRole: Role | null
  createsUsers: boolean
  /** The audiences of access tokens that engines may use. When empty, engines cannot use the provider's tokens. */
  audiences: readonly string[]
}

export const OIDC_SETTINGS = [
  'LAKESHORE_OIDC_ISSUER',
  'LAKESHORE_OIDC_NAME',
  'LAKESHORE_OIDC_CLIENT_ID',
  'LAKESHORE_OIDC_CLIENT_SECRET',
  'LAKESHORE_OIDC_CLIENT_SECRET_FILE',
  'LAKESHORE_OIDC_SCOPES',
  'LAKESHORE_OIDC_USERNAME_CLAIM',
  'LAKESHORE_OIDC_DISPLAY_NAME_CLAIM',
  'LAKESHORE_OIDC_GROUPS_CLAIM',
  'LAKESHORE_OIDC_GROUPS',
  'LAKESHORE_OIDC_ROLE',
  'LAKESHORE_OIDC_CREATES_USERS',
  'LAKESHORE_OIDC_AUDIENCES',
  'LAKESHORE_PASSWORD_SIGN_IN',
] as const

const claimName = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be the name of a claim')
const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true')

/** The fields of these settings in the schema of all of them. */
export const oidcFields = {
  LAKESHORE_OIDC_ISSUER: z
    .url({ protocol: /^https?$/, message: 'must be a URL with https://' })
    .refine(isIssuer, 'must be a URL with https:// and without user, query and fragment; http:// is for this machine')
    .optional(),
  LAKESHORE_OIDC_NAME: z
    .string()
    .regex(/^[^\p{Cc}]{1,40}$/u, 'must have 1 to 40 characters')
    .optional(),
  LAKESHORE_OIDC_CLIENT_ID: z
    .string()
    .regex(/^[\x20-\x7e]{1,256}$/, 'must have 1 to 256 characters')
    .optional(),
  LAKESHORE_OIDC_CLIENT_SECRET: z.string().min(8, 'must have at least 8 characters').optional(),
  LAKESHORE_OIDC_SCOPES: z
    .string()
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'must be scopes with a space between them')
    .refine((text) => text.split(' ').includes('openid'), 'must contain openid')
    .default('openid profile email'),
  LAKESHORE_OIDC_USERNAME_CLAIM: claimName.default('preferred_username'),
  LAKESHORE_OIDC_DISPLAY_NAME_CLAIM: claimName.default('name'),
  LAKESHORE_OIDC_GROUPS_CLAIM: claimName.default('groups'),
  LAKESHORE_OIDC_GROUPS: z.string().transform(toGroupNames).optional(),
  LAKESHORE_OIDC_ROLE: z
    .enum(['none', ...ROLES], { error: `must be one of none, ${ROLES.join(', ')}` })
    .transform((role) => (role === 'none' ? null : role))
    .default(null),
  LAKESHORE_OIDC_CREATES_USERS: flag.default(true),
  LAKESHORE_OIDC_AUDIENCES: z
    .string()
    .default('')
    .transform((text) => splitList(text)),
  LAKESHORE_PASSWORD_SIGN_IN: flag.default(true),
} satisfies Partial<Record<(typeof OIDC_SETTINGS)[number], z.ZodType>>

export type OidcValues = z.output<z.ZodObject<typeof oidcFields>>

/** Why the settings do not fit together; null when they do. */
export function findOidcProblem(values: OidcValues): string | null {
  const { LAKESHORE_OIDC_ISSUER: issuer, LAKESHORE_OIDC_CLIENT_ID: clientId } = values
  if ((issuer === undefined) !== (clientId === undefined)) {
    return 'LAKESHORE_OIDC_ISSUER and LAKESHORE_OIDC_CLIENT_ID must be set together'
  }
  if (issuer === undefined && !values.LAKESHORE_PASSWORD_SIGN_IN) {
    return 'LAKESHORE_PASSWORD_SIGN_IN is false and LAKESHORE_OIDC_ISSUER is not set, so users could not sign in'
  }
  return null
}

/** Null when no provider is set. */
export function toOidcSettings(values: OidcValues): OidcSettings | null {
  const { LAKESHORE_OIDC_ISSUER: issuer, LAKESHORE_OIDC_CLIENT_ID: clientId } = values
  if (issuer === undefined || clientId === undefined) return null
  return {
    issuer,
    name: values.LAKESHORE_OIDC_NAME ?? new URL(issuer).host,
    clientId,
    clientSecret: values.LAKESHORE_OIDC_CLIENT_SECRET ?? null,
    scopes: values.LAKESHORE_OIDC_SCOPES,
    claims: {
      username: values.LAKESHORE_OIDC_USERNAME_CLAIM,
      displayName: values.LAKESHORE_OIDC_DISPLAY_NAME_CLAIM,
      groups: values.LAKESHORE_OIDC_GROUPS_CLAIM,
    },
    groupNames: values.LAKESHORE_OIDC_GROUPS ?? null,
    newUserRole: values.LAKESHORE_OIDC_ROLE,
    createsUsers: values.LAKESHORE_OIDC_CREATES_USERS,
    audiences: values.LAKESHORE_OIDC_AUDIENCES,
  }
}

/** Without TLS an attacker on the way could sign in as any user, so http is for a provider on this machine only. */
function isIssuer(text: string): boolean {
  const url = URL.parse(text)
  if (!url || `${url.username}${url.password}${url.search}${url.hash}` !== '' || /[?#]/.test(text)) return false
  return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

function toGroupNames(text: string, context: z.RefinementCtx): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const entry of splitList(text)) {
    const separator = entry.lastIndexOf('=')
    const [theirs, ours] = [entry.slice(0, separator).trim(), entry.slice(separator + 1).trim()]
    if (isLikeEveryone(ours))
      context.addIssue({
        code: 'custom',
        message: 'must not name everyone, the group that all users are in, or a name that looks like it',
      })
    else if (separator > 0 && theirs !== '' && ours !== '' && !names.has(theirs)) names.set(theirs, ours)
    else context.addIssue({ code: 'custom', message: 'must list provider-group=group once each, with commas between' })
  }
  return names
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}
