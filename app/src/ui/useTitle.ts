import { useEffect } from 'react';

/** The tab's title; it also tells a screen reader which view has come. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Ringfence`;
  }, [title]);
}
