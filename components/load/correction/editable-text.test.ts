import { expect, it } from 'vitest'
import { toEditable } from './editable-text'

it.each(['id\n1\n', 'id\r\n"a\r\nb"\r\n', ''])('The text %j comes back as it was', (text) => {
  const editable = toEditable(text)
  expect(editable?.text).not.toContain('\r')
  expect(editable?.restore(editable.text)).toBe(text)
})

it('Rows that are corrected keep the line ends of their file', () => {
  const editable = toEditable('id\r\nx\r\n')
  expect(editable?.restore(editable.text.replace('x', '1\n2'))).toBe('id\r\n1\r\n2\r\n')
})

it.each(['id\r\n"a\nb"\r\n', 'id\ra\r', 'id\n"a\rb"\n'])('The text %j is not edited in a text field', (text) => {
  expect(toEditable(text)).toBeNull()
})
