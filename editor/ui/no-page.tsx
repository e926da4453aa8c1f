/** There is nothing at this address. */
import { Button } from '@mantine/core'
import { Compass } from 'lucide-react'
import { Link } from 'wouter'
import { paths } from '../routes.ts'
import { texts } from '../texts.ts'
import { EmptyState } from './empty-state.tsx'

export function NoPage() {
  return (
    <EmptyState icon={<Compass size={20} />} title={texts.failed.noPage} say={texts.failed.noPageSay}>
      <Button component={Link} to={paths.flows}>{texts.failed.toFlows}</Button>
    </EmptyState>
  )
}
