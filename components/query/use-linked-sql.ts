import { useQueryState } from 'nuqs'
import { useCallback, useEffect, useRef, useState } from 'react'

/** Longer texts are not put into the address, which browsers and proxies bound. */
const MAX_ADDRESS_CHARS = 6000
/** The address follows the typing with a delay: as many texts may still be on their way back. */
const KEPT_TEXTS = 100

/**
 * The SQL being written, which the address says too. An address with another text (a link, back, forward) brings
 * that one.
 *
 * @param onReplaced gets the text that an address took the place of
 */
export function useLinkedSql(onReplaced: (text: string) => void) {
  const [linked, setLinked] = useQueryState('sql', { defaultValue: '', history: 'replace', throttleMs: 400 })
  const [sql, setSql] = useState(linked)
  const [cursor, setCursor] = useState(sql.length)
  /** What was put into the address from here: when it says one of these, nobody followed a link. */
  const own = useRef<readonly string[]>([linked])
  const now = useRef({ sql, onReplaced })
  useEffect(() => {
    now.current = { sql, onReplaced }
  })

  useEffect(() => {
    // An address without a text, as that of the rail, asks for the page, not for an empty one.
    if (linked === '' || own.current.includes(linked)) return
    own.current = [linked]
    if (linked === now.current.sql) return
    now.current.onReplaced(now.current.sql)
    setSql(linked)
    setCursor(linked.length)
  }, [linked])

  const write = useCallback(
    (text: string, at: number) => {
      setSql(text)
      setCursor(at)
      if (text === now.current.sql) return
      const shown = text.length > MAX_ADDRESS_CHARS ? '' : text
      own.current = [...own.current, shown].slice(-KEPT_TEXTS)
      void setLinked(shown)
    },
    [setLinked],
  )
  return { sql, cursor, write }
}
