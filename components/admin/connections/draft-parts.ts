import { secretLabel } from '@/lib/contract/shapes/secret-labels'

/** Parts that several sections of the connection form share. */

export type AwsDraft = { source: 'chain' | 'keys'; profile: string; accessKeyId: string }

export function toAwsDraft(
  credentials: { kind: 'chain'; profile: string | null } | { kind: 'keys'; accessKeyId: string },
): AwsDraft {
  return credentials.kind === 'chain'
    ? { source: 'chain', profile: credentials.profile ?? '', accessKeyId: '' }
    : { source: 'keys', profile: '', accessKeyId: credentials.accessKeyId }
}

export function toAwsCredentials({ source, profile, accessKeyId }: AwsDraft) {
  return source === 'chain'
    ? { kind: 'chain' as const, profile: trimToNull(profile) }
    : { kind: 'keys' as const, accessKeyId: accessKeyId.trim() }
}

/** A secret that the chosen settings need. An optional one may be left empty. */
export type SecretDraft = { name: string; label: string; isOptional: boolean }

export function secretDraft(name: string, isOptional = false): SecretDraft {
  return { name, label: secretLabel(name), isOptional }
}

export function trimToNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

export function splitLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
