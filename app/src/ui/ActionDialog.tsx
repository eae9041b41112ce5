import type { ReactNode } from 'react';
import { useIntentPreview, type Intent, type MarketView, type Preview } from '../state';
import { Rows, type Row } from './data';
import { Dialog } from './Dialog';
import { FailureNotice } from './FailureNotice';
import { Refusals } from './Refusals';
import { SubmitButton } from './SubmitButton';
import { useTransaction } from './useTransaction';
import { whyNot } from './whyNot';

interface Properties {
  title: string;
  market: MarketView;
  /** Undefined until everything needed has been entered; `missing` says what is. */
  intent: Intent | undefined;
  missing: string;
  tone?: 'primary' | 'short';
  rows: (preview: Preview | undefined) => Row[];
  children?: ReactNode;
  onClose: () => void;
}

/** A dialog that changes one position: fields, what comes out of it, what stands against it, one button. */
export function ActionDialog({ title, market, intent, missing, tone, rows, children, onClose }: Properties) {
  const { preview, refusals } = useIntentPreview(intent);
  const { run, busy, failure } = useTransaction();
  const summary = rows(preview);
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => event.preventDefault()}>
        {children}
        {summary.length > 0 ? <Rows label="What will happen" rows={summary} /> : null}
        <Refusals refusals={refusals} market={market} />
        <FailureNotice failure={failure} />
        <SubmitButton
          name={title}
          tone={tone}
          wide
          busy={busy}
          reason={whyNot(intent, missing, refusals)}
          onSubmit={() => {
            if (!intent) return;
            void run(intent).then((done) => {
              if (done) onClose();
            });
          }}
        />
      </form>
    </Dialog>
  );
}
