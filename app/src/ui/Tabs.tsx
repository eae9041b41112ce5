import { Tabs as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';

export interface Tab {
  id: string;
  label: string;
  /** Shown beside the label, and not part of the tab's name. */
  count?: number;
  content: ReactNode;
}

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <Primitive.Root className="tabs panel" defaultValue={tabs[0]?.id}>
      <Primitive.List className="tabs__list" aria-label={label}>
        {tabs.map((tab) => (
          <Primitive.Trigger key={tab.id} value={tab.id} className="tabs__tab">
            {tab.label}
            {tab.count ? (
              <span className="badge" aria-hidden="true">
                {tab.count}
              </span>
            ) : null}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.id} value={tab.id}>
          {tab.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
