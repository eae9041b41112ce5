import type { PositionView } from '../../state';
import type { DialogKind } from './dialogKinds';
import { ClaimDialog, CloseDialog } from './CloseDialog';
import { AddMarginDialog, RemoveMarginDialog } from './MarginDialogs';
import { ProtectDialog } from './ProtectDialog';
import { ReduceDialog } from './ReduceDialog';

export interface PositionDialogProperties {
  position: PositionView;
  onClose: () => void;
}

const DIALOGS = {
  addMargin: AddMarginDialog,
  removeMargin: RemoveMarginDialog,
  reduce: ReduceDialog,
  close: CloseDialog,
  protect: ProtectDialog,
  claim: ClaimDialog,
} satisfies Record<DialogKind, (properties: PositionDialogProperties) => React.ReactNode>;

export function PositionDialog({ kind, position, onClose }: PositionDialogProperties & { kind: DialogKind }) {
  const Chosen = DIALOGS[kind];
  return <Chosen position={position} onClose={onClose} />;
}
