// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { EditorFrame } from './editor-frame'

afterEach(cleanup)

test('The editor is as high as its text until it is resized, and again after Enter', () => {
  render(<EditorFrame footer="literals in UTC">editor</EditorFrame>)
  const line = screen.getByRole('separator', { name: 'Height of the editor' })
  const frame = line.parentElement
  const state = () => [line.getAttribute('aria-valuetext'), frame?.style.height]
  expect(state()).toEqual(['as high as the text', ''])
  fireEvent.keyDown(line, { key: 'End' })
  expect(state()).toEqual(['800 pixels', '800px'])
  fireEvent.keyDown(line, { key: 'Home' })
  expect(state()).toEqual(['92 pixels', '92px'])
  fireEvent.keyDown(line, { key: 'Enter' })
  expect(state()).toEqual(['as high as the text', ''])
  fireEvent.keyDown(line, { key: 'End' })
  fireEvent.doubleClick(line)
  expect(state()).toEqual(['as high as the text', ''])
})
