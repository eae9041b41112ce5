import { Link } from 'wouter';
import { Empty } from '../ui/LoadState';

export function NotFoundPage() {
  return (
    <div className="panel">
      <Empty title="There is no such page" action={<Link href="/trade">Go to trading</Link>}>
        The address may be mistyped, or from an older version.
      </Empty>
    </div>
  );
}
