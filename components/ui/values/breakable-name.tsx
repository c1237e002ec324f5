import { Fragment } from 'react'
import { VisibleText } from './visible-text'

/** A dotted name, such as that of a property, which a narrow column breaks after its dots. */
export function BreakableName({ children }: { children: string }) {
  return children.split(/(?<=[.])/).map((part, index) => (
    // The parts of one name always have the same order, so the index is the key.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      <VisibleText>{part}</VisibleText>
    </Fragment>
  ))
}
