// The IDL as Codama's tree, with what the IDL cannot say.
import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { getProgramDerivedAddress } from '@solana/kit';
import {
  accountBumpValueNode,
  addPdasVisitor,
  bottomUpTransformerVisitor,
  booleanTypeNode,
  constantPdaSeedNodeFromString,
  createFromRoot,
  definedTypeLinkNode,
  definedTypeNode,
  deleteNodesVisitor,
  enumEmptyVariantTypeNode,
  enumTypeNode,
  isNode,
  numberTypeNode,
  pdaValueNode,
  publicKeyTypeNode,
  publicKeyValueNode,
  setInstructionAccountDefaultValuesVisitor,
  updateInstructionsVisitor,
  variablePdaSeedNode,
} from 'codama';

const text = (value) => constantPdaSeedNodeFromString('utf8', value);
const key = (name) => variablePdaSeedNode(name, publicKeyTypeNode());
const number = (name, format) => variablePdaSeedNode(name, numberTypeNode(format));

/** docs/design.md, section 2. */
const PDAS = {
  exchange: [text('exchange')],
  market: [text('market'), number('index', 'u16')],
  proposal: [text('params'), key('market')],
  poolVault: [text('pool'), key('market')],
  lpMint: [text('lp'), key('market')],
  position: [text('position'), key('market'), key('owner'), number('id', 'u16')],
  positionVault: [text('vault'), key('position')],
  order: [text('order'), key('position'), number('id', 'u8')],
  orderEscrow: [text('vault'), key('order')],
  liquidityDeposit: [text('deposit'), key('market'), key('provider'), number('id', 'u16')],
  referral: [text('referral'), key('market'), key('referrer')],
  eventAuthority: [text('__event_authority')],
};

/** Bytes that stand for something else: Anchor's zero-copy accounts hold numbers only. */
const BYTES = {
  market: { status: definedTypeLinkNode('marketStatus') },
  position: { side: definedTypeLinkNode('side') },
  order: {
    kind: definedTypeLinkNode('orderKind'),
    triggerAbove: booleanTypeNode(),
    hasPartner: booleanTypeNode(),
    failed: booleanTypeNode(),
  },
  oracleConfig: { kind: definedTypeLinkNode('oracleKind') },
};

/** An account of the program has two words for a number of 128 bits, low one first: that is the number. */
const WORDS = { i128: numberTypeNode('i128'), u128: numberTypeNode('u128') };

function typed(node, path) {
  if (isNode(node, 'definedTypeLinkNode') && node.name in WORDS) return WORDS[node.name];
  if (isNode(node, 'structFieldTypeNode')) {
    const owner = path.findLast((parent) => isNode(parent, ['accountNode', 'definedTypeNode']));
    const type = BYTES[owner?.name]?.[node.name];
    return type ? { ...node, type, docs: node.docs } : node;
  }
  return node;
}

async function fixedAddresses(programAddress) {
  const address = async (...seeds) => (await getProgramDerivedAddress({ programAddress, seeds }))[0];
  return {
    eventAuthority: publicKeyValueNode(await address('__event_authority')),
    exchange: publicKeyValueNode(await address('exchange')),
    program: publicKeyValueNode(programAddress),
  };
}

/** Accounts that follow from others, where the instruction has what they follow from. */
const DERIVED = ['poolVault', 'lpMint', 'position', 'positionVault', 'order', 'proposal', 'referral'];

/** Codama's tree of the program. */
export async function parse(idl) {
  const codama = createFromRoot(rootNodeFromAnchor(idl));
  const fixed = await fixedAddresses(idl.address);
  const name = idl.metadata.name;
  codama.update(
    bottomUpTransformerVisitor([
      {
        select: '[programNode]',
        transform: (node) => ({
          ...node,
          definedTypes: [
            ...node.definedTypes,
            definedTypeNode({
              name: 'oracleKind',
              docs: ['Where a market reads its price: updates that anyone posts, or an account that publishers write.'],
              type: enumTypeNode(['pythPull', 'pythPush'].map((variant) => enumEmptyVariantTypeNode(variant))),
            }),
          ],
          pdas: [],
        }),
      },
    ]),
  );
  codama.update(deleteNodesVisitor(['[definedTypeNode]i128', '[definedTypeNode]u128']));
  codama.update(bottomUpTransformerVisitor([(node, stack) => typed(node, stack.getPath())]));
  codama.update(addPdasVisitor({ [name]: Object.entries(PDAS).map(([pda, seeds]) => ({ name: pda, seeds })) }));
  const rules = [
    ...Object.entries(fixed).map(([account, defaultValue]) => ({ account, defaultValue })),
    ...DERIVED.map((account) => ({ account, defaultValue: pdaValueNode(account), ignoreIfOptional: true })),
    { account: 'escrow', instruction: 'placeOrder', defaultValue: pdaValueNode('orderEscrow') },
    { account: 'deposit', defaultValue: pdaValueNode('liquidityDeposit') },
  ];
  codama.update(setInstructionAccountDefaultValuesVisitor(rules));
  codama.update(
    updateInstructionsVisitor({
      placeOrder: { arguments: { escrowBump: { defaultValue: accountBumpValueNode('escrow') } } },
      // Its index is the exchange's count of markets, which only a fetch can tell.
      createMarket: { accounts: { market: { defaultValue: null } } },
    }),
  );
  return codama;
}
