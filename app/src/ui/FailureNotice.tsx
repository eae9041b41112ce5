export function FailureNotice({ failure }: { failure: { title: string; message: string } | undefined }) {
  if (!failure) return null;
  return (
    <div role="alert" className="notice notice--bad">
      <span className="notice__title">{failure.title}</span>
      <p>{failure.message}</p>
    </div>
  );
}
