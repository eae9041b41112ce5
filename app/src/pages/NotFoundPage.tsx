import { Link } from 'wouter';
import { Empty } from '../ui/LoadState';
import { useTitle } from '../ui/useTitle';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <div className="panel">
      <h1 className="visually-hidden">Not found</h1>
      <Empty title="There is no such page" action={<Link href="/trade">Go to trading</Link>}>
        The address may be mistyped, or from an older version.
      </Empty>
    </div>
  );
}
