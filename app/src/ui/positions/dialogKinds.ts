export type DialogKind = 'addMargin' | 'removeMargin' | 'reduce' | 'close' | 'protect' | 'claim';
