'use client'
import {
  type ComponentType,
  createElement,
  type FunctionComponent,
  memo,
  Suspense,
  use,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react'
import { loadCode } from '@/lib/load-code'

type Options<Props> = {
  /** Rendered with the same properties until the code has loaded; nothing without it. */
  loading?: ComponentType<Props>
  /**
   * Whether the server renders the component, too. Then its code follows the code of the page. A browser may paint
   * `loading` first, so that has to be as high if content is below.
   */
  isServerRendered?: boolean
}

/**
 * A component whose code is loaded when it is first drawn, as `loadCode` does. It appears as soon as its code has
 * loaded. With `lazy` and `next/dynamic`, React would wait until the fallback of `Suspense` has been visible for 300
 * ms. A failure is thrown where the component is drawn; drawn again, it loads again.
 */
export function lazyComponent<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { loading: Loading = Nothing, isServerRendered = false }: Options<Props> = {},
): FunctionComponent<Props> {
  let loaded: ComponentType<Props> | undefined
  let request: Promise<ComponentType<Props>> | undefined
  const listeners = new Set<() => void>()

  function start(): Promise<ComponentType<Props>> {
    request ??= loadCode(load).then(
      (component) => {
        loaded = component
        for (const listener of listeners) listener()
        return component
      },
      (error: unknown) => {
        request = undefined
        throw error
      },
    )
    return request
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  function Content(props: Props) {
    const Loaded = useSyncExternalStore(
      subscribe,
      () => loaded,
      () => (isServerRendered ? loaded : undefined),
    )
    const isHydrated = useIsHydrated()
    // Stored, because React warns of a component that has waited and is drawn again without asking for its code.
    const [isAwaited] = useState(isServerRendered && !isHydrated)
    const [failure, setFailure] = useState<{ error: unknown } | null>(null)
    useEffect(() => {
      let isDrawn = true
      start().catch((error: unknown) => isDrawn && setFailure({ error }))
      return () => {
        isDrawn = false
      }
    }, [])
    if (failure) throw failure.error
    if (isAwaited) return createElement(use(start()), props)
    if (Loaded) return createElement(Loaded, props)
    return createElement(Loading, props)
  }

  if (!isServerRendered) return Content
  // Drawn again with the same properties while its code loads, the content of the server would give way to `Loading`.
  return memo(function ServerRendered(props: Props) {
    // Only the hydration of a page waits here.
    return (
      <Suspense fallback={createElement(Loading, props)}>
        <Content {...props} />
      </Suspense>
    )
  })
}

/** False on the server and while its output is hydrated. */
function useIsHydrated(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
}

function Nothing() {
  return null
}
