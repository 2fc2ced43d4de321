using System.Collections.Frozen;

namespace RetrievalAttention.Passages;

/// <summary>
/// What a full stop after a word means in one language. Words that only ever continue before a lower-case letter ("etc.", "usw.")
/// need no entry, because a lower-case letter never starts a sentence.
/// </summary>
internal sealed class SentenceRules
{
    private static readonly FrozenDictionary<string, SentenceRules> Languages = new Dictionary<string, SentenceRules>
    {
        ["en"] = new(
            continuing: """
                Mr Mrs Ms Mx Dr Prof Rev Hon Messrs Mssrs Mme Mlle Mmes Capt Cap Col Gen Lt Maj Sgt Cpl Cdr Cmdr Adm Gov Sen Rep Pres Supt Insp Esqr
                St Ste Mt Ft vs viz cf ca approx al e.g i.e eg ie
                """,
            beforeNumber: """
                No Nos no nos Fig fig Figs figs Eq eq Eqs eqs Sec sec Sect sect Ch ch Chap chap Vol vol Vols vols Pt pt p pp P Art art Bk bk Ex ex
                Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
                """,
            mayEnd: "Inc Ltd Co Corp Jr Sr Esq Bros LL Ph.D M.D a.m p.m A.M P.M",
            starters: """
                The A An He She It They We I You This That These Those There Here When While Where What Who Why How If In On At By For From As After
                Before But And Or So Then Thus Yet Not No His Her Its Their Our My Your All Some Many Most One Two Now However Nevertheless Moreover
                With To Such Each Every Both Although Though Because Since Once
                """),
        ["de"] = new(
            continuing: """
                Dr Prof Hr Hrn Fr Frl St Nr Str Abs Abb Art Bd Hrsg Kap Tab Tel Anm bzw ca vgl ggf inkl evtl geb gest sog allg bes bspw max min mind
                zzgl exkl einschl gegr verh Dipl Ing z.B d.h u.a i.d.R o.ä v.a s.o s.u u.U z.T Jh Mio Mrd
                """,
            beforeNumber: "S s Jan Feb Apr Aug Sept Okt Nov Dez",
            mayEnd: "",
            starters: """
                Der Die Das Den Dem Ein Eine Er Sie Es Wir Ich Ihr Und Aber Doch Da Dann Als Wenn Weil In Im Am An Auf Bei Nach Mit Von Vor Zu
                Nicht Auch So Was Wer Wie Wo Dies Diese Dieser Dieses Sein Seine Ihre Man
                """,
            ordinalNumbers: true),
        ["es"] = new(
            continuing: "Sr Sra Sres Sras Srta Dr Dra D Dª Dña Ud Uds Vd Vds Prof Gral Cap Cnel Ing Lic Av Avda Sto Sta pág págs ed p.ej aprox cap art vol",
            beforeNumber: "núm Núm n fig Fig",
            mayEnd: "EE.UU EE UU",
            starters: "El La Los Las Un Una Él Ella Ellos Ellas Yo No Sí En Con Por Para De Pero Y Cuando Como Si Se Su Sus Esto Esta Este Era Es Así",
            ordinalNumbers: false),
        ["fr"] = new(
            continuing: "M MM Mme Mmes Mlle Mlles Dr Pr Me Mgr St Ste cf env av apr éd chap vol p pp art fig c.-à-d p.ex",
            beforeNumber: "n no",
            mayEnd: "J.-C",
            starters: """
                Le La Les L Un Une Il Elle Ils Elles Je Nous Vous On Ce Cette Ces Cela Mais Et Ou Donc Or Dans En Au Aux De Du Des Pour Par Quand
                Comme Si Son Sa Ses
                """,
            ordinalNumbers: false),
        ["ru"] = new(
            continuing: "им ул пл пр-т просп пер см ср рис табл стр напр проф акад доц тов гр т.е т.н т.к св ок обл р-н руб Дж тыс млн млрд",
            beforeNumber: "с п пп ст гл № ч",
            mayEnd: "г гг в вв н.э",
            starters: "В На Он Она Они Оно Это Эти Этот Эта И Но А По С К Из За При Для Я Мы Вы Его Её Ее Их Как Когда Если Не Так После Однако",
            ordinalNumbers: false),
    }.ToFrozenDictionary();

    private readonly FrozenSet<string> _continuing;
    private readonly FrozenSet<string> _beforeNumber;
    private readonly FrozenSet<string> _mayEnd;
    private readonly FrozenSet<string> _starters;

    private SentenceRules(string continuing, string beforeNumber, string mayEnd, string starters, bool ordinalNumbers = false)
    {
        _continuing = Words(continuing);
        _beforeNumber = Words(beforeNumber);
        _mayEnd = Words(mayEnd);
        _starters = Words(starters);
        OrdinalNumbers = ordinalNumbers;
    }

    /// <summary>A short number with a full stop is an ordinal ("am 3. Mai").</summary>
    public bool OrdinalNumbers { get; }

    /// <param name="language">BCP 47; languages without rules of their own, and null, use those of English.</param>
    public static SentenceRules For(string? language)
    {
        string primary = language is null ? "en" : language.Split('-', '_')[0].ToLowerInvariant();
        return Languages.GetValueOrDefault(primary) ?? Languages["en"];
    }

    /// <summary>The text goes on whatever follows: titles, "e.g.".</summary>
    public bool Continues(string word) => Contains(_continuing, word);

    /// <summary>The text goes on when a number follows: "No. 5".</summary>
    public bool ContinuesBeforeNumber(string word) => Contains(_beforeNumber, word);

    /// <summary>The sentence ends only when a usual first word follows: "Inc. The".</summary>
    public bool MayEnd(string word) => Contains(_mayEnd, word);

    public bool IsUsualFirstWord(string word) => _starters.Contains(word);

    /// <summary>As listed, in capitals ("MR."), or capitalised at the start of a sentence ("Cf.").</summary>
    private static bool Contains(FrozenSet<string> words, string word) =>
        words.Contains(word)
        || (word.Length > 1 && word.All(char.IsUpper) && words.Contains(word[0] + word[1..].ToLowerInvariant()))
        || (word.Length > 1 && char.IsUpper(word[0]) && words.Contains(char.ToLowerInvariant(word[0]) + word[1..]));

    private static FrozenSet<string> Words(string list) =>
        list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
