import { setTimeout as wait } from 'node:timers/promises'
import { runToEnd } from './run-to-end.ts'

const LIST_TIMEOUT_MS = 30_000
const POLL_INTERVAL_MS = 20

/** All processes of this machine. A zombie, which ended but was not waited for, does not count as running. */
export async function listRunningProcesses(): Promise<{ pid: number; parentPid: number }[]> {
  const output = await runToEnd('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'stat='], {
    timeoutMs: LIST_TIMEOUT_MS,
  })
  const rows = output.trim().split('\n')
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , state = '']) => !state.startsWith('Z'))
    .map(([pid, parentPid]) => ({ pid: Number(pid), parentPid: Number(parentPid) }))
}

/** The running ones among these processes. */
export async function listChildPids(parentPid: number): Promise<number[]> {
  return (await listRunningProcesses()).filter((process) => process.parentPid === parentPid).map(({ pid }) => pid)
}

/** Returns when all of them have ended. */
export async function waitUntilExited(pids: readonly number[]): Promise<void> {
  while ((await listRunningProcesses()).some(({ pid }) => pids.includes(pid))) await wait(POLL_INTERVAL_MS)
}

/**
 * Kills a process and its children without giving them time to react, as a power failure would, and returns when all
 * have ended. Does nothing when the process has already ended.
 */
export async function killTree(pid: number): Promise<void> {
  if (!sendSignal(pid, 'SIGSTOP')) return
  const pids = [pid]
  // A stopped parent starts no more children, and their ids are not reused.
  for (let children = await listChildPids(pid); children.length > 0; children = await listChildPids(pid)) {
    for (const child of children) sendSignal(child, 'SIGKILL')
    pids.push(...children)
  }
  sendSignal(pid, 'SIGKILL')
  await waitUntilExited(pids)
}

/** @returns whether the process existed */
function sendSignal(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
