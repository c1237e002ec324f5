// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { FileName } from './file-name'
import { FolderPaths } from './folder-path'

afterEach(cleanup)

it('The name of a file marks what is not drawn, and is copied as it is', () => {
  render(<FileName path={'file:///lake/data/a\u202eb.parquet'} />)
  const name = screen.getByTitle('file:///lake/data/a[U+202E]b.parquet')
  expect(name.textContent).toBe('a[U+202E]b.parquet')
  const clipboardData = new DataTransfer()
  fireEvent.copy(name, { clipboardData })
  expect(clipboardData.getData('text/plain')).toBe('a\u202eb.parquet')
})

it('The names of folders mark what is not drawn, and lead to the folders', () => {
  render(<FolderPaths roots={['file:///lake']} folder={'file:///lake/a\u2066b'} linkTo={(href) => ({ href })} />)
  const links = screen.getAllByRole('link')
  expect(links.map(({ textContent }) => textContent)).toEqual(['file:///lake', 'a[U+2066]b'])
  expect(links[1]?.getAttribute('href')).toBe('file:///lake/a\u2066b')
})
