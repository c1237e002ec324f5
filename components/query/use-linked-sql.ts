import { useQueryState } from 'nuqs'
import { useCallback, useEffect, useRef, useState } from 'react'

/** Longer texts are not put into the address, which browsers and proxies bound. */
const MAX_ADDRESS_CHARS = 6000
/** The address follows the typing with a delay: as many texts may still be on their way back. */
const MAX_OWN_TEXTS = 100

/**
 * The SQL being written, which the address says too. An address with another text (a link, back, forward) brings
 * that one.
 *
 * @param onReplaced gets the text that an address took the place of
 */
export function useLinkedSql(onReplaced: (text: string) => void) {
  const [addressSql, setAddressSql] = useQueryState('sql', { defaultValue: '', history: 'replace', throttleMs: 400 })
  const [sql, setSql] = useState(addressSql)
  const [cursor, setCursor] = useState(sql.length)
  /** What was put into the address from here: when it says one of these, nobody followed a link. */
  const ownTexts = useRef<readonly string[]>([addressSql])
  const latest = useRef({ sql, onReplaced })
  useEffect(() => {
    latest.current = { sql, onReplaced }
  })

  useEffect(() => {
    // An address without a text, as that of the rail, asks for the page, not for an empty one.
    if (addressSql === '' || ownTexts.current.includes(addressSql)) return
    ownTexts.current = [addressSql]
    if (addressSql === latest.current.sql) return
    latest.current.onReplaced(latest.current.sql)
    setSql(addressSql)
    setCursor(addressSql.length)
  }, [addressSql])

  const write = useCallback(
    (text: string, position: number) => {
      setSql(text)
      setCursor(position)
      if (text === latest.current.sql) return
      const addressText = text.length > MAX_ADDRESS_CHARS ? '' : text
      ownTexts.current = [...ownTexts.current, addressText].slice(-MAX_OWN_TEXTS)
      void setAddressSql(addressText)
    },
    [setAddressSql],
  )
  return { sql, cursor, write }
}
