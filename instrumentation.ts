/**
 * Next calls this once per process, before the first request. In production the web server has made the program before
 * it starts Next; `next dev` starts without that server, so the first call creates the program here.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NODE_ENV !== 'development') return
  const { hasProgram, setProgram } = await import('@/server/program/slot')
  if (hasProgram()) return
  const { readConfig } = await import('@/server/config/config')
  const { createProgram } = await import('@/server/program/create-program')
  const program = createProgram(readConfig())
  setProgram(program)
  await program.start()
}
