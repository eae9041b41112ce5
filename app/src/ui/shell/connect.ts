import { createContext, useContext } from 'react';

/** Opens the dialog "Connect a wallet" from anywhere on the page. */
export const ConnectContext = createContext<() => void>(() => undefined);

export const useConnectDialog = () => useContext(ConnectContext);
