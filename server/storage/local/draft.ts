import 'server-only'
import { randomUUID } from 'node:crypto'
import path from 'node:path'

/** The temporary name under which a file is written. No writer uses such names and no reader lists them. */

const DRAFT_NAME = /^\..{1,100}\.[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\.tmp$/s

/** In the target's folder, so that linking stays within one file system. */
export function draftPath(folder: string, target: string): string {
  return path.join(folder, `.${path.basename(target).slice(0, 100)}.${randomUUID()}.tmp`)
}

export function isDraftName(name: string): boolean {
  return DRAFT_NAME.test(name)
}
