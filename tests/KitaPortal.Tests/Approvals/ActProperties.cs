using CsCheck;
using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Tests.Approvals;

/// <summary>Whatever people try in whatever order, the history only grows and nobody decides for himself.</summary>
public sealed class ActProperties
{
    private static readonly string[] Acts = ["submit", "approve", "return", "return-first", "return-ahead", "reject", "reject-silent", "withdraw", "retract", "accept", "close"];
    private static readonly string[] People = ["applicant", "other", "first", "last", "right", "right-present", "cover", "cover-present", "stranger"];

    [Fact]
    public void Any_sequence_of_acts_keeps_the_invariants()
        => Gen.Select(Gen.Int[0, Acts.Length - 1].Select(i => Acts[i]), Gen.Int[0, People.Length - 1].Select(i => People[i])).Array[1, 40].Sample(tries =>
        {
            var request = ActTests.In("draft");
            var history = new List<(int Seq, ActKind Kind, Guid Client)>();
            var decided = 0;
            foreach (var (act, who) in tries)
            {
                var before = request.State;
                try { ActTests.Do(request, act, who); }
                catch (RuleViolation) { }
                if (before != RequestState.Decided && request.State == RequestState.Decided) decided++;

                var now = request.Acts.Select(a => (a.Seq, a.Kind, a.ClientId)).ToList();
                if (!now.Take(history.Count).SequenceEqual(history)) return false;
                if (!now.Select(a => a.Seq).SequenceEqual(Enumerable.Range(1, now.Count))) return false;
                history = now;

                var current = request.Steps.Count(s => s.State == StepState.Current);
                if (request.State == RequestState.Circulating && (current != 1 || request.Current!.State != StepState.Current)) return false;
                if (request.IsOpen && request.State != RequestState.Circulating && current != 0) return false;
                if (request.Acts.Any(a => a.Kind is ActKind.Approve or ActKind.Reject or ActKind.SendBack or ActKind.AcceptRetract && a.ActorId is { } actor && request.IsOwn(actor))) return false;
                if (request.State == RequestState.Decided && !request.Steps.All(s => s.State is StepState.Done or StepState.Omitted)) return false;
            }
            return decided <= 1;
        }, iter: 3000);

    [Fact]
    public void The_hash_does_not_depend_on_the_order_of_keys()
        => Gen.Dictionary(Gen.String, Gen.String)[0, 12].Sample(values =>
        {
            var turned = new Dictionary<string, string>(values.Reverse());
            return CanonicalJson.Hash(values) == CanonicalJson.Hash(turned);
        }, iter: 2000);

    [Fact]
    public void Keys_that_differ_only_in_case_are_two_keys()
    {
        var both = new Dictionary<string, string> { ["body"] = "一", ["Body"] = "二" };

        Assert.Equal("{\"Body\":\"二\",\"body\":\"一\"}", CanonicalJson.Of(both));
    }
}
