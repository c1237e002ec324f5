// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToReadableStream, renderToString } from 'react-dom/server.browser'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { CloseWhenLeft } from './close-when-left'
import { lazyComponent } from './lazy-component'

let hydrated: Root | undefined
afterEach(cleanup)
afterEach(() => act(() => hydrated?.unmount()))
afterEach(() => vi.unstubAllGlobals())

function Chart({ title }: { title: string }) {
  return <figure aria-label={title} />
}
const Choices = ({ onClose }: { onClose: () => void }) => <button onClick={onClose}>Close</button>
const Waiting = () => <p role="status">Loading</p>

describe('A component whose code is loaded when it is drawn', () => {
  test('is loaded by the first drawing, once, and draws what stands for it until then', async () => {
    const code = Promise.withResolvers<typeof Chart>()
    const load = vi.fn(() => code.promise)
    const Lazy = lazyComponent(load, { loading: Waiting })
    expect(load).not.toHaveBeenCalled()
    const { rerender } = render(<Lazy title="Commits" />)
    rerender(<Lazy title="Rows" />)
    expect(screen.getByRole('status').textContent).toBe('Loading')
    await act(async () => code.resolve(Chart))
    expect(screen.getByRole('figure', { name: 'Rows' })).toBeTruthy()
    cleanup()
    render(<Lazy title="Bytes" />)
    expect(screen.getByRole('figure', { name: 'Bytes' })).toBeTruthy()
    expect(load).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['Escape', () => fireEvent.keyDown(document.body, { key: 'Escape' })],
    ['Tab', () => fireEvent.keyDown(document.body, { key: 'Tab' })],
    ['a press elsewhere', () => fireEvent.pointerDown(document.body)],
  ])('as a menu, is closed by %s before its code is there', async (_name, leave) => {
    const code = Promise.withResolvers<typeof Choices>()
    const Lazy = lazyComponent(() => code.promise, { loading: CloseWhenLeft })
    const onClose = vi.fn()
    const { rerender } = render(<Lazy onClose={onClose} />)
    fireEvent.keyDown(document.body, { key: 'Shift' })
    expect(onClose).not.toHaveBeenCalled()
    leave()
    expect(onClose).toHaveBeenCalledOnce()

    await act(async () => code.resolve(Choices))
    rerender(<Lazy onClose={onClose} />)
    leave()
    expect(onClose).toHaveBeenCalledOnce()
  })

  test('throws where it is drawn when its code cannot be loaded, and loads again when it is drawn again', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 200 }))
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const lost = new Error('gone')
    let isRemoved = true
    const Lazy = lazyComponent(async () => {
      if (isRemoved) throw lost
      return Chart
    })
    const onError = vi.fn()
    render(
      <ErrorBoundary onError={onError}>
        <Lazy title="Rows" />
      </ErrorBoundary>,
    )
    await waitFor(() => expect(onError).toHaveBeenCalledWith(lost))
    cleanup()
    isRemoved = false
    render(<Lazy title="Rows" />)
    expect(await screen.findByRole('figure', { name: 'Rows' })).toBeTruthy()
  })

  test('is not rendered by the server, nor while its output is hydrated, even when its code is there', async () => {
    const Lazy = lazyComponent(async () => Chart, { loading: Waiting })
    render(<Lazy title="Rows" />)
    await screen.findByRole('figure')
    cleanup()
    const { host, problems } = await hydrate(<Lazy title="Rows" />, renderToString(<Lazy title="Rows" />))
    expect(problems).toEqual([])
    expect(host.innerHTML).toContain('<figure aria-label="Rows">')
  })
})

describe('A component that the server renders, too', () => {
  test('is in the page, and stays there until its code is loaded', async () => {
    const onServer = lazyComponent(async () => Chart, { loading: Waiting, isServerRendered: true })
    const OnServer = onServer
    const stream = await renderToReadableStream(<OnServer title="Rows" />)
    await stream.allReady
    const html = await new Response(stream).text()
    expect(html).toContain('<figure aria-label="Rows">')
    expect(html).not.toContain('Loading')

    const warn = vi.spyOn(console, 'error')
    const code = Promise.withResolvers<typeof Chart>()
    const InBrowser = lazyComponent(() => code.promise, { loading: Waiting, isServerRendered: true })
    const { host, problems } = await hydrate(<InBrowser title="Rows" />, html)
    const figure = host.querySelector('figure')
    expect(figure).not.toBeNull()
    await act(async () => code.resolve(Chart))
    expect(problems).toEqual([])
    expect(host.querySelector('figure')).toBe(figure)
    expect(warn).not.toHaveBeenCalled()
  })

  test('stays in the page when what is around it is drawn again before its code is there', async () => {
    const OnServer = lazyComponent(async () => Chart, { loading: Waiting, isServerRendered: true })
    const code = Promise.withResolvers<typeof Chart>()
    const InBrowser = lazyComponent(() => code.promise, { loading: Waiting, isServerRendered: true })
    const around = (Lazy: typeof OnServer, text: string) => (
      <section>
        {text}
        <Lazy title="Rows" />
      </section>
    )
    const stream = await renderToReadableStream(around(OnServer, 'before'))
    await stream.allReady
    const { host } = await hydrate(around(InBrowser, 'before'), await new Response(stream).text())
    await act(async () => hydrated?.render(around(InBrowser, 'after')))
    expect(host.textContent).toContain('after')
    expect(host.querySelector('figure')).not.toBeNull()
    expect(host.querySelector('[role="status"]')).toBeNull()
    await act(async () => code.resolve(Chart))
  })

  test('draws what stands for it in a page that is loaded already', async () => {
    const code = Promise.withResolvers<typeof Chart>()
    const Lazy = lazyComponent(() => code.promise, { loading: Waiting, isServerRendered: true })
    render(<Lazy title="Rows" />)
    expect(screen.getByRole('status').textContent).toBe('Loading')
    await act(async () => code.resolve(Chart))
    expect(screen.getByRole('figure', { name: 'Rows' })).toBeTruthy()
  })
})

async function hydrate(content: ReactNode, html: string) {
  const host = document.createElement('div')
  document.body.replaceChildren(host)
  host.innerHTML = html
  const problems: unknown[] = []
  await act(async () => {
    hydrated = hydrateRoot(host, content, { onRecoverableError: (error) => problems.push(error) })
  })
  return { host, problems }
}

class ErrorBoundary extends Component<{ children: ReactNode; onError: (error: unknown) => void }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override componentDidCatch(error: unknown) {
    this.props.onError(error)
  }
  override render() {
    return this.state.hasFailed ? null : this.props.children
  }
}
