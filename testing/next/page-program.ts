import type { Program } from '@/server/program/program'
import { setProgram } from '@/server/program/slot'

/** Puts a program into the slot that does one thing: it answers the requests of a page. */
export function installPageProgram(handle: () => Promise<Response>): void {
  setProgram({ handle } as unknown as Program)
}
