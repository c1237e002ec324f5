import 'server-only'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import { MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import type { Namespace } from '@/lib/names/identifiers'
import { ROLES } from '@/lib/permissions'
import { MAX_GRANTS } from '@/server/db/auth/grants'

/** The file of a folder with the grants of the catalog and the policies of its namespaces. */
export const ACCESS_FILE = 'access.yaml'
export const MAX_POLICIES = 1000

const name = z.string().min(1).max(255)
/** Levels, or their names joined by dots. */
const namespace = z.union([
  z
    .string()
    .min(1)
    .transform((text): Namespace => text.split('.')),
  z.array(name).min(1).max(MAX_NAMESPACE_LEVELS),
])

const grant = z
  .strictObject({
    user: name.optional(),
    group: name.optional(),
    everyone: z.literal(true).optional(),
    role: z.enum(ROLES),
    namespace: namespace.optional(),
    table: name.optional(),
  })
  .refine(({ user, group, everyone }) => [user, group, everyone].filter((one) => one !== undefined).length === 1, {
    message: 'a grant has one holder: user, group or everyone',
  })
  .refine(({ namespace: levels, table }) => table === undefined || levels !== undefined, {
    message: 'a table needs its namespace',
  })

const policy = z
  .strictObject({ namespace, 'two-people': z.boolean(), engines: z.boolean().optional() })
  .refine(({ 'two-people': isHeld, engines }) => isHeld || engines !== true, {
    message: 'commits of engines are refused only if changes need two people',
  })

/** An absent section is left alone. One that is there has all grants, or all policies, of the catalog. */
const accessDeclaration = z.strictObject({
  grants: z.array(grant).max(MAX_GRANTS).optional(),
  policies: z.array(policy).max(MAX_POLICIES).optional(),
})
export type AccessDeclaration = z.output<typeof accessDeclaration>
export type DeclaredGrant = z.output<typeof grant>
export type DeclaredPolicy = z.output<typeof policy>

/** @throws {AppError} invalid-request naming the part that is wrong */
export function requireAccessDeclaration(value: unknown, file: string): AccessDeclaration {
  const parsed = accessDeclaration.safeParse(value)
  if (parsed.success) return parsed.data
  const unknown = parsed.error.issues.find((one) => one.code === 'unrecognized_keys')
  if (unknown) throw new AppError('invalid-request', `${file}: ${unknownKeyText(unknown)}`)
  const [issue] = parsed.error.issues
  const path = pathText(issue?.path ?? [])
  throw new AppError('invalid-request', `${file}: ${path} is not valid: ${issue?.message ?? 'unknown'}.`)
}

/** A misspelled key also leaves its value out; only the misspelling helps. */
function unknownKeyText({ keys, path }: { keys: readonly string[]; path: readonly PropertyKey[] }): string {
  const [section] = path
  const { shape } = section === 'grants' ? grant : section === 'policies' ? policy : accessDeclaration
  return `${pathText(path)} has an unknown key, ${keys.join(', ')}. The keys are ${Object.keys(shape).join(', ')}.`
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return text === '' ? 'the content' : text.replace(/^\./, '')
}
